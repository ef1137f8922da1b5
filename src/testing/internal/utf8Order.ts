import * as Order from "effect/Order"

/** UTF-16 sorts the code points above U+FFFF, which are pairs of surrogates, before U+E000 to U+FFFF. */
const weight = (unit: number): number => unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800

/** Order of the UTF-8 bytes, which is that of the code points (protocol 19.20). */
export const utf8Order: Order.Order<string> = Order.make((self, that) => {
  const length = Math.min(self.length, that.length)
  for (let i = 0; i < length; i++) {
    const a = self.charCodeAt(i)
    const b = that.charCodeAt(i)
    if (a !== b) return weight(a) < weight(b) ? -1 : 1
  }
  return self.length === that.length ? 0 : self.length < that.length ? -1 : 1
})
