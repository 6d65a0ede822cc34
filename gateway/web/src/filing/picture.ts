/** The receipt as a picture, drawn in the colours of the page. */
export interface Words { title: string, label: string, number: string, lines: string[] }

export async function draw(words: Words): Promise<Blob> {
  const css = getComputedStyle(document.documentElement)
  const colour = (name: string) => css.getPropertyValue(`--${name}`).trim()
  const sans = css.getPropertyValue('--font-sans')
  const canvas = document.createElement('canvas')
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D
  const [width, margin] = [1080, 96]
  const body = `400 44px ${sans}`
  pen.font = body
  const lines = words.lines.flatMap(line => fold(pen, line, width - 2 * margin))
  Object.assign(canvas, { width, height: 640 + lines.length * 72 })
  pen.fillStyle = colour('paper')
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.fillStyle = colour('dai')
  pen.fillRect(margin - 32, margin, 6, canvas.height - 2 * margin) // the line from the filer to the city
  const say = (text: string, font: string, y: number, ink = 'ink') => { pen.font = font; pen.fillStyle = colour(ink); pen.fillText(text, margin + 16, y, width - 2 * margin) }
  say('市长直通车', `600 52px ${css.getPropertyValue('--font-song')}`, 156)
  say(words.title, `600 64px ${sans}`, 276)
  say(words.label, body, 372, 'ink2')
  say(words.number, `600 96px ${sans}`, 484)
  lines.forEach((line, n) => say(line, body, 592 + n * 72))
  return await new Promise((resolve, reject) => canvas.toBlob(b => b ? resolve(b) : reject(new Error('no picture')), 'image/png'))
}

function fold(pen: CanvasRenderingContext2D, text: string, width: number): string[] {
  const out = ['']
  for (const piece of text.match(/[\x21-\x7e]+\s*|./gu) ?? []) {
    const longer = out.at(-1) + piece
    if (out.at(-1) && pen.measureText(longer).width > width) out.push(piece.trimStart())
    else out[out.length - 1] = longer
  }
  return out
}

export function saveAs(name: string, blob: Blob) {
  const url = URL.createObjectURL(blob)
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
