/**
 * Where this SDK differs from the recorded calls on purpose. A case that differs asserts what this SDK does instead, and
 * names its reason here; `docs/assumptions.md` lists the same reasons.
 */
export const deviations = {
  "key-rules": "A key that the service's documentation forbids is refused before anything is sent (protocol 1.2).",
  "bucket-rules": "A bucket's name with a colon is refused: an entry's first colon separates.",
  "empty-key": "An empty key is refused: `bucket:` names no object.",
  "no-key": "An entry always has a key; nothing that is offered here sends the entry of a bare bucket.",
  "token-lifetime": "A token that ends the moment it is made is refused: nothing can be done with it.",
  "policy-conflict": "A policy with returnUrl and callbackUrl is refused: an answer is a redirect or relayed, not both.",
  "policy-dangling": "A policy field that needs another one is refused without it: it would have no effect.",
  "base64-lenient": "Base64 without its padding is read, as a tolerant reader should (protocol 1.2).",
  "base64-strict": "Text with characters outside the Base64 alphabet is refused instead of being read around them.",
  "host-normalised": "A host's scheme is written in lower case.",
  "host-refused": "A host whose scheme is neither http nor https is refused.",
  "python-helper": "A helper of the vendor's module that no call needs here: media commands, dates of bucket statistics."
} as const

export type Deviation = keyof typeof deviations
