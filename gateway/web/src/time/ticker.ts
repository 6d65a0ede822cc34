/** One shared tick on the minute, at rest while the page is hidden, on the time of the city's server and not of the device. */
import { ref } from 'vue'

const offset = ref(0)
/** now is the server's time, moved once a minute. */
export const now = ref(new Date())

/** heardServerTime keeps the device's clock from mattering; from the Date header of an answer, which counts seconds. */
export function heardServerTime(header: string | null) {
  const t = header ? Date.parse(header) : NaN
  if (Number.isNaN(t)) return
  const drift = t - Date.now()
  if (Math.abs(drift - offset.value) > 2000) { offset.value = drift; tick() }
}

export function serverNow(): Date { return new Date(Date.now() + offset.value) }

function tick() { now.value = serverNow() }
let timer: ReturnType<typeof setTimeout> | undefined
function schedule() {
  clearTimeout(timer)
  if (document.visibilityState !== 'visible') return
  timer = setTimeout(() => { tick(); schedule() }, 60_000 - serverNow().getTime() % 60_000 + 50)
}
document.addEventListener('visibilitychange', () => { tick(); schedule() })
schedule()
