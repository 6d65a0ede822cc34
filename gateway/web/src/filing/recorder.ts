/** The microphone. It begins in the tap that asks for it, on one screen, and goes on on the next; what was said is kept every few seconds. */
import { computed, reactive } from 'vue'

const types = ['audio/webm;codecs=opus', 'audio/mp4;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus']
const longest = 10 * 60

/** What this browser records in; '' when it does not record, and a file has to be chosen instead. */
export function recordingType(): string {
  if (typeof MediaRecorder === 'undefined' || !navigator.mediaDevices?.getUserMedia) return ''
  return types.find(t => MediaRecorder.isTypeSupported(t)) ?? ''
}

export const recording = reactive({ on: false, seconds: 0, levels: [] as number[], failed: false })
export const clock = computed(() => `${Math.floor(recording.seconds / 60)}:${String(Math.floor(recording.seconds % 60)).padStart(2, '0')}`)

let stopping: (() => Promise<void>) | undefined

/** record begins; `kept` gets all that was said so far, now and then and at the end. */
export async function record(kept: (blob: Blob, seconds: number) => Promise<void>): Promise<boolean> {
  if (recording.on) return true
  Object.assign(recording, { seconds: 0, levels: [], failed: false })
  let stream: MediaStream
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true })
  } catch {
    recording.failed = true
    return false
  }
  const type = recordingType()
  const recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 32_000 })
  const parts: Blob[] = []
  const begun = performance.now()
  let saving = Promise.resolve()
  const save = () => { saving = saving.then(() => kept(new Blob(parts, { type: type.split(';')[0] }), recording.seconds)).catch((e: unknown) => console.error(e)) }
  recorder.ondataavailable = e => { if (e.data.size) { parts.push(e.data); save() } }
  const quiet = meter(stream)
  const ticking = setInterval(() => {
    recording.seconds = (performance.now() - begun) / 1000
    if (recording.seconds > longest) void stop()
  }, 250)
  const ended = new Promise<void>(resolve => { recorder.onstop = () => resolve() })
  stopping = async () => {
    clearInterval(ticking)
    recording.seconds = (performance.now() - begun) / 1000
    if (recorder.state !== 'inactive') recorder.stop()
    await ended
    await saving
    quiet()
    for (const track of stream.getTracks()) track.stop()
    recording.on = false
  }
  recorder.start(3000)
  recording.on = true
  navigator.vibrate?.(40)
  return true
}

/** stop ends it and answers when all is kept. */
export async function stop(): Promise<void> {
  const does = stopping
  stopping = undefined
  await does?.()
  if (does) navigator.vibrate?.([30, 60, 30])
}

/** meter tells how loud it is, 12 times a second. */
function meter(stream: MediaStream): () => void {
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 512
  context.createMediaStreamSource(stream).connect(analyser)
  const wave = new Uint8Array(analyser.fftSize)
  const timer = setInterval(() => {
    analyser.getByteTimeDomainData(wave)
    const loud = Math.max(...wave.map(v => Math.abs(v - 128))) / 128
    recording.levels = [...recording.levels.slice(-23), Math.min(1, loud * 1.6)]
  }, 80)
  return () => { clearInterval(timer); void context.close() }
}
