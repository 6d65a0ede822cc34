/** Photos as they travel: small enough for a bad network, and without what a camera writes into them. */

/** fit is the size of a picture whose longer side is at most `most`; it never grows. */
export function fit(width: number, height: number, most: number): { width: number, height: number } {
  const by = Math.min(1, most / Math.max(width, height, 1))
  return { width: Math.max(1, Math.round(width * by)), height: Math.max(1, Math.round(height * by)) }
}

/** shrink draws a photo anew: 1600 px, quality 0.7, no metadata. What this browser cannot read goes as it is, and the city cleans it. */
export async function shrink(file: Blob): Promise<Blob> {
  let bitmap: ImageBitmap
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
  } catch {
    return file
  }
  const canvas = document.createElement('canvas')
  Object.assign(canvas, fit(bitmap.width, bitmap.height, 1600))
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  const drawn = await new Promise<Blob | null>(resolve => canvas.toBlob(resolve, 'image/jpeg', 0.7))
  return drawn ?? file
}
