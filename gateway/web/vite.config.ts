import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

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
            { name: 'app', test: /\/node_modules\/(vue|vue-router|@vue)\/|plugin-vue|\/src\/(api\/(client|problem|upload)|session|text\/text|style|router|routes|main|App|ui\/(PhoneShell|TtChoice|TtMark|TtSettings|TtShape))\b/ },
            { name: 'filing', test: /\/src\/filing\// },
          ],
        },
      },
    },
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:8080', '/web': 'http://127.0.0.1:8080' } },
  test: { environment: 'jsdom', include: ['test/**/*.test.ts'] },
})
