import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const src = fileURLToPath(new URL('./src/', import.meta.url))
const ours = (id: string, what: RegExp) => id.startsWith(src) && what.test(id.slice(src.length))

// The build goes where the gateway embeds it. Nothing is inlined: the content security policy allows no data: scripts, styles or fonts.
export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: '../internal/webapp/dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1200,
    target: ['chrome87', 'safari14'],
    // A phone asks for six files at a time, and each round is a wait on a bad network: what the first screens share comes in few files, not one a module.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'app', test: id => /\/node_modules\/(vue|vue-router|@vue)\//.test(id) || id.includes('plugin-vue:export-helper') || ours(id, /^(api\/(client|problem|upload)|session|text\/text|style|router|routes|main|App|ui\/(PhoneShell|TtChoice|TtMark|TtSettings|TtShape))\b/) },
            { name: 'filing', test: id => ours(id, /^filing\//) },
          ],
        },
      },
    },
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8080', '/web': 'http://127.0.0.1:8080' } },
  test: { environment: 'jsdom', include: ['test/**/*.test.ts'] },
})
