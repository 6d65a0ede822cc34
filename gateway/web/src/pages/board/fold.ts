/** Many invitations, few readings: however often it is called, the reading runs at most once in `every`, never twice at once, and once more after the last call. */
export function fold(read: () => Promise<unknown>, every: number): { ask: () => void, stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  let running = false
  let wanted = false
  let last = -Infinity
  async function run() {
    timer = undefined
    running = true
    wanted = false
    last = Date.now()
    try { await read() } finally {
      running = false
      if (wanted) ask()
    }
  }
  function ask() {
    wanted = true
    if (running || timer) return
    timer = setTimeout(() => void run(), Math.max(0, last + every - Date.now()))
  }
  return { ask, stop: () => { clearTimeout(timer); wanted = false } }
}
