import * as Option from "effect/Option"

/** What the head of an image file says (protocol 10). */
export interface ImageHeader {
  readonly format: "png" | "jpeg" | "gif" | "webp" | "bmp"
  /** Pixels. */
  readonly width: number
  /** Pixels. */
  readonly height: number
  /** The names are ours. */
  readonly colorModel: "gray" | "graya" | "rgb" | "rgba" | "palette" | "ycbcr" | "cmyk"
}

/** Bytes as the characters that they are the codes of. */
export const text = (view: DataView, at: number, length: number): string =>
  String.fromCharCode(...Array.from({ length }, (_, index) => view.getUint8(at + index)))

const pngModels: Readonly<Record<number, ImageHeader["colorModel"]>> = {
  0: "gray",
  2: "rgb",
  3: "palette",
  4: "graya",
  6: "rgba"
}

const png = (view: DataView): ImageHeader | undefined => {
  const colorModel = pngModels[view.getUint8(25)]
  return colorModel && text(view, 12, 4) === "IHDR"
    ? { format: "png", width: view.getUint32(16), height: view.getUint32(20), colorModel }
    : undefined
}

const gif = (view: DataView): ImageHeader => ({
  format: "gif",
  width: view.getUint16(6, true),
  height: view.getUint16(8, true),
  colorModel: "palette"
})

const bmp = (view: DataView): ImageHeader => {
  const isOld = view.getUint32(14, true) === 12
  const bits = view.getUint16(isOld ? 24 : 28, true)
  return {
    format: "bmp",
    width: isOld ? view.getUint16(18, true) : view.getInt32(18, true),
    // Negative where the rows stand from top to bottom.
    height: isOld ? view.getUint16(20, true) : Math.abs(view.getInt32(22, true)),
    colorModel: bits <= 8 ? "palette" : bits === 32 ? "rgba" : "rgb"
  }
}

const uint24 = (view: DataView, at: number): number => view.getUint16(at, true) | (view.getUint8(at + 2) << 16)

const webp = (view: DataView): ImageHeader | undefined => {
  const image = (width: number, height: number, hasAlpha: boolean): ImageHeader => ({
    format: "webp",
    width,
    height,
    colorModel: hasAlpha ? "rgba" : "rgb"
  })
  switch (text(view, 12, 4)) {
    case "VP8 ":
      return {
        ...image(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff, false),
        colorModel: "ycbcr"
      }
    case "VP8L": {
      const bits = view.getUint32(21, true)
      return image((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1, (bits & 0x1000_0000) !== 0)
    }
    case "VP8X":
      return image(uint24(view, 24) + 1, uint24(view, 27) + 1, (view.getUint8(20) & 0x10) !== 0)
    default:
      return undefined
  }
}

/** The segments of a JPEG before its pixels: where the content of each begins, and how long it is. */
export function* jpegSegments(view: DataView): Generator<{ readonly marker: number; at: number; length: number }> {
  for (let at = 2; view.getUint8(at) === 0xff;) {
    const marker = view.getUint8(at + 1)
    if (marker === 0xda || marker === 0xd9) return
    if (marker === 0xff) at += 1
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2
    else {
      const length = view.getUint16(at + 2)
      yield { marker, at: at + 4, length: length - 2 }
      at += 2 + length
    }
  }
}

/** Start of frame; three markers among them mean something else. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

const jpeg = (view: DataView): ImageHeader | undefined => {
  for (const { at, marker } of jpegSegments(view)) {
    if (!isFrame(marker)) continue
    const components = view.getUint8(at + 5)
    return {
      format: "jpeg",
      width: view.getUint16(at + 3),
      height: view.getUint16(at + 1),
      colorModel: components === 1 ? "gray" : components === 4 ? "cmyk" : "ycbcr"
    }
  }
  return undefined
}

export const isJpeg = (view: DataView): boolean => view.byteLength > 3 && view.getUint16(0) === 0xffd8

const parse = (view: DataView): ImageHeader | undefined => {
  if (isJpeg(view)) return jpeg(view)
  const start = text(view, 0, 12)
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return png(view)
  if (/^GIF8[79]a/.test(start)) return gif(view)
  if (/^RIFF.{4}WEBP$/s.test(start)) return webp(view)
  return start.startsWith("BM") ? bmp(view) : undefined
}

/** The header of an image, from its first bytes; none for what is no image, or breaks off before its size is told. */
export const read = (view: DataView): Option.Option<ImageHeader> =>
  Option.flatMapNullable(Option.liftThrowable(parse)(view), (header) => header)
