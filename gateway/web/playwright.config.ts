import { defineConfig } from '@playwright/test'

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  fullyParallel: false,
  workers: Number(process.env.WORKERS ?? 2),
  // On a machine of two cores a browser can be late through no fault of the product; what passes only the second time is named as flaky at the end.
  retries: process.env.CI ? 1 : 0,
  forbidOnly: !!process.env.CI,
  reporter: [['line']],
  // Lighthouse wants the machine for itself.
  projects: [
    { name: 'stories', testIgnore: 'lighthouse.spec.ts' },
    { name: 'lighthouse', testMatch: 'lighthouse.spec.ts', dependencies: process.env.LIGHTHOUSE_ALONE ? [] : ['stories'] },
  ],
  use: {
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
    },
  },
})
