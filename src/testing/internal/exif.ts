import * as Option from "effect/Option"
import { isJpeg, jpegSegments, text } from "./imageHeader.ts"

/** A tag as the Qiniu family tells it (protocol 10): its value as text, and the number of its type. */
export interface ExifTag {
  readonly val: string
  readonly type: number
}

/** What photographs mostly have; other tags go by their numbers. */
const names: Readonly<Record<number, string>> = {
  0x010e: "ImageDescription",
  0x010f: "Make",
  0x0110: "Model",
  0x0112: "Orientation",
  0x011a: "XResolution",
  0x011b: "YResolution",
  0x0128: "ResolutionUnit",
  0x0131: "Software",
  0x0132: "DateTime",
  0x013b: "Artist",
  0x8298: "Copyright",
  0x829a: "ExposureTime",
  0x829d: "FNumber",
  0x8827: "ISOSpeedRatings",
  0x9003: "DateTimeOriginal",
  0x9004: "DateTimeDigitized",
  0x9209: "Flash",
  0x920a: "FocalLength",
  0xa002: "PixelXDimension",
  0xa003: "PixelYDimension"
}

const exifDirectory = 0x8769

/** The types that can be written as text: their size in bytes, and how one is read. */
const types: Readonly<
  Record<number, { readonly size: number; readonly read: (view: DataView, at: number, little: boolean) => string }>
> = {
  3: { size: 2, read: (view, at, little) => String(view.getUint16(at, little)) },
  4: { size: 4, read: (view, at, little) => String(view.getUint32(at, little)) },
  5: { size: 8, read: (view, at, little) => `${view.getUint32(at, little)}/${view.getUint32(at + 4, little)}` },
  9: { size: 4, read: (view, at, little) => String(view.getInt32(at, little)) },
  10: { size: 8, read: (view, at, little) => `${view.getInt32(at, little)}/${view.getInt32(at + 4, little)}` }
}

const ascii = 2

/** The most values that one tag may have. */
const longest = 1024

/** The tags of one directory of a TIFF, which says where the next one is. */
const directory = (
  tiff: DataView,
  start: number,
  little: boolean,
  tags: Record<string, ExifTag>
): number | undefined => {
  let next: number | undefined
  const count = tiff.getUint16(start, little)
  for (let index = 0; index < count; index++) {
    const entry = start + 2 + 12 * index
    const tag = tiff.getUint16(entry, little)
    const type = tiff.getUint16(entry + 2, little)
    const length = Math.min(tiff.getUint32(entry + 4, little), longest)
    if (tag === exifDirectory) next = tiff.getUint32(entry + 8, little)
    const known = types[type]
    if (tag === exifDirectory || (known === undefined && type !== ascii)) continue
    const size = (known?.size ?? 1) * length
    const at = size <= 4 ? entry + 8 : tiff.getUint32(entry + 8, little)
    const val = known === undefined
      ? text(tiff, at, length).replace(/\0.*$/s, "")
      : Array.from({ length }, (_, value) => known.read(tiff, at + known.size * value, little)).join(" ")
    tags[names[tag] ?? `0x${tag.toString(16).padStart(4, "0")}`] = { val, type }
  }
  return next
}

const parse = (view: DataView): Readonly<Record<string, ExifTag>> | undefined => {
  if (!isJpeg(view)) return undefined
  for (const { at, length, marker } of jpegSegments(view)) {
    if (marker !== 0xe1 || length < 14 || text(view, at, 6) !== "Exif\0\0") continue
    const tiff = new DataView(view.buffer, view.byteOffset + at + 6, length - 6)
    const little = text(tiff, 0, 2) === "II"
    const tags: Record<string, ExifTag> = {}
    const next = directory(tiff, tiff.getUint32(4, little), little, tags)
    if (next !== undefined) directory(tiff, next, little, tags)
    return tags
  }
  return undefined
}

/** The EXIF tags of a JPEG, from its first bytes; none where there are none, or where they break off. */
export const read = (view: DataView): Option.Option<Readonly<Record<string, ExifTag>>> =>
  Option.flatMapNullable(Option.liftThrowable(parse)(view), (tags) => tags)
