/** The CRC-32 polynomial, reflected. */
const polynomial = 0xedb8_8320

/** a·b modulo the polynomial. */
const multiply = (a: number, b: number): number => {
  let product = 0
  let factor = b
  for (let bit = 0x8000_0000; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= factor
    factor = factor & 1 ? (factor >>> 1) ^ polynomial : factor >>> 1
  }
  return product >>> 0
}

/** x^(2^n) modulo the polynomial, for each n. */
const powers: ReadonlyArray<number> = (() => {
  const table = [0x4000_0000]
  for (let n = 1; n < 32; n++) table.push(multiply(table[n - 1]!, table[n - 1]!))
  return table
})()

/** x^(8·bytes) modulo the polynomial. */
const shift = (bytes: number): number => {
  let result = 0x8000_0000
  let exponent = 3
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(powers[exponent % 32]!, result)
    exponent++
  }
  return result
}

/** The CRC-32 of two runs of bytes, one after the other, from the CRC-32 of each. */
export const combine = (first: number, second: number, secondLength: number): number =>
  (multiply(shift(secondLength), first) ^ second) >>> 0
