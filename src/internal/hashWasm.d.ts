/** A file of one hash function. The package itself is all of them: to load it costs a program of Node 20 ms. */
declare module "hash-wasm/dist/crc64.umd.min.js" {
  const functions: Pick<typeof import("hash-wasm"), "createCRC64">
  export default functions
}
