import { Option } from "effect"

/** An object's description, without what a calendar makes of its times. */
const object = ({ expirationDate, fsize, hash, key, mimeType, putTime }: any) => ({
  key,
  size: Number(fsize),
  etag: hash,
  mimeType,
  putTime: Number(putTime),
  expires: expirationDate ? Option.some(Number(expirationDate)) : Option.none(),
  storageClass: Option.none(),
  nextAppendPosition: Option.none()
})

const objects = ({ items = [] }: any) => items.map(object)

const done = () => undefined

const task = ({ persistentId }: any) => persistentId

/** The codes of tasks that the recordings have. */
const states: { readonly [code: string]: string } = { 3: "done" }

const status = ({ code, desc, id, items }: any) => ({
  id,
  state: states[code],
  description: desc,
  items,
  source: Option.none()
})

const labels: { readonly [label: number]: string } = { 2: "normal" }

const detection = ({ results: [{ image, pornDetect: { label, rate } }] }: any) => ({
  image,
  error: Option.none(),
  porn: Option.some({ label, rate: Option.some(Number(rate)), review: false, kind: labels[label] }),
  terror: Option.none(),
  political: Option.none()
})

/** What the answers of one call mean, read by the book with nothing of the library. */
type Reading = (answers: ReadonlyArray<any>, key: string) => unknown

/** A call that one answer ends. */
const last = (read: (answer: any, key: string) => unknown): Reading => (answers, key) => read(answers.at(-1), key)

/** By the recorded method; uploads have a receipt, which is compared for itself. */
export const readings: { readonly [method: string]: Reading } = {
  stat: last((answer, key) => object({ ...answer, key })),
  delete: last(done),
  move: last(done),
  copy: last(done),
  setdeadline: last(done),
  bucket_list: last((answer) => ({
    objects: objects(answer),
    folders: answer.commonPrefixes ?? [],
    marker: answer.marker ? Option.some(answer.marker) : Option.none()
  })),
  bucket_listAll: (answers) => answers.flatMap(objects),
  list_buckets: last(({ buckets }) => buckets.map((name: string) => ({ name }))),
  bucket_stat: last((answer) => ({ buckets: [], answer })),
  bucket_statistics: last((answer) => answer),
  image_detect: last(detection),
  wslive_list: last((answer) => ({ recordings: answer.items, answer })),
  fmgr_move: last(task),
  fmgr_copy: last(task),
  fmgr_fetch: last(task),
  fmgr_delete: last(task),
  prefix_delete: last(task),
  m3u8_delete: last(task),
  fmgr_compress: last(task),
  fmgr_status: last(status),
  ops_execute: last(task),
  ops_status: last(status)
}
