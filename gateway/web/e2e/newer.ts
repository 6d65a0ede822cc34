/**
 * A door before the product behind which a new build can appear: the same product, but the app's worker, with what it keeps, and the name of the build are others
 * from then on. All else goes through as it is, so that the browser sees what it sees when a city is updated. Where a story sets the browser's clock ahead, the
 * city's goes with it.
 */
import { createServer, request, type IncomingHttpHeaders } from 'node:http'
import type { Product } from './product'

export interface Door { url: string, release: () => void, /** Milliseconds by which answers date themselves ahead. */ later: (ms: number) => void, close: () => Promise<void> }

export async function newerDoor(product: Product): Promise<Door> {
  let released = false
  let ahead = 0
  const dated = (headers: IncomingHttpHeaders) => ({ ...headers, date: new Date(Date.now() + ahead).toUTCString() })
  const inner = new URL(product.url)
  const server = createServer((from, to) => {
    const changed = released && (from.url === '/sw.js' || from.url === '/web/build')
    const headers = { ...from.headers, ...(changed ? { 'accept-encoding': 'identity', 'if-none-match': '', 'if-modified-since': '' } : {}) }
    const on = request({ host: inner.hostname, port: inner.port, path: from.url, method: from.method, headers }, answer => {
      if (!changed) { to.writeHead(answer.statusCode ?? 500, dated(answer.headers)); answer.pipe(to); return }
      let text = ''
      answer.setEncoding('utf8').on('data', (d: string) => { text += d }).on('end', () => {
        const kept = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => name !== 'content-length' && name !== 'etag'))
        to.writeHead(200, dated(kept))
        to.end(from.url === '/sw.js' ? text.replace(/tt-[0-9a-f]{12}/, 'tt-newer') : JSON.stringify({ ...JSON.parse(text) as object, build: 'newer' }))
      })
    })
    on.on('error', () => to.destroy())
    to.on('close', () => on.destroy())
    from.pipe(on)
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  const { port } = server.address() as { port: number }
  return { url: `http://127.0.0.1:${port}`, release: () => { released = true }, later: ms => { ahead = ms }, close: () => new Promise(resolve => { server.close(() => resolve()); server.closeAllConnections() }) }
}
