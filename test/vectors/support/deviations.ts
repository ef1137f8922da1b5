/**
 * Where this SDK differs from the recorded calls on purpose. A case that differs asserts what this SDK does instead, and
 * names its reason here; `docs/assumptions.md` lists the same reasons.
 */

/** The same request in another form: every request of its kind differs so. */
export const forms = {
  "slice-headers":
    "mkblk, bput and mkfile have a Content-Type and the `Key` header, as the service's documentation has them (protocol 5.3); the vendor's Python SDK sends neither.",
  "upload-id":
    "A new upload's id is derived from target, source and block size, 32 characters; the vendor's is random.",
  "form-parts":
    "A form has a `key` part; its file part has the local name and application/octet-stream; no `Expect` is sent.",
  "deadline-text": "A token's deadline is text, as the service's documentation has it; the vendor's is a number.",
  "fresh-token": "Each attempt has a token of its own: after a wait its deadline is later.",
  "query-encoding": "Values in a query are percent-encoded first and signed as sent; the vendor signs them before.",
  "management-type":
    "The body of a management request has the Content-Type of a form (protocol 17.1); the vendor's SDKs send none.",
  "compress-saveas":
    "The target of a compression is a parameter as the others are (protocol 7.8); the vendor's sample puts a bar before it.",
  "fops-parameters":
    "fops has notifyURL always, force and separate only when they are 1, as the vendor's Python SDK sends them; the Node SDK has notifyURL only when given, the others always.",
  "unsigned-status":
    "The status of a media task is asked without Authorization, as documented (protocol 8.2); the vendor's Node SDK signs.",
  "no-gzip": "No compressed answer is asked for; the vendor's Python SDK accepts gzip.",
  "scope-key":
    "An object has one key, that of the token's scope, which wins (protocol 3); the vendor's Node SDK sends another beside it where the caller names none, or another.",
  "form-length": "A form's length is announced; the vendor's Node SDK sends chunks.",
  "mkfile-charset": "mkfile's Content-Type names the charset (protocol 5.3); the vendor's Node SDK leaves it out.",
  "list-times": "The times of a listing are sent as milliseconds since the epoch (protocol 6.2).",
  "typed-error": "A failure is a typed error, where the vendor raises or ends the process.",
  "record-accepted": "Only accepted blocks have a record; the vendor also records failures.",
  "record-folder": "A call that is refused leaves no empty folder of records."
} as const

/** Another behaviour: other requests, or another outcome. */
export const behaviours = {
  "key-rules": "A key that the service's documentation forbids is refused before anything is sent (protocol 1.2).",
  "bucket-rules": "A bucket's name with a colon is refused: an entry's first colon separates.",
  "empty-key": "An empty key is refused: `bucket:` names no object.",
  "no-key": "An entry always has a key; nothing that is offered here sends the entry of a bare bucket.",
  "token-lifetime": "A token that ends the moment it is made is refused: nothing can be done with it.",
  "traffic-limit": "A negative traffic limit is refused.",
  "policy-conflict":
    "A policy with returnUrl and callbackUrl is refused: an answer is a redirect or relayed, not both.",
  "policy-dangling": "A policy field that needs another one is refused without it: it would have no effect.",
  "return-url-blocks": "A returnUrl is refused for an upload in blocks, which cannot answer with it (protocol 4.3).",
  "small-blocks": "Content of any size but 0 may travel in blocks; the vendor's Node SDK refuses less than a block.",
  "node-record":
    "A record is written and read as the vendor's Python SDK does it; the file of the Node SDK is neither written nor read.",
  "live-range": "Recordings count from 1, and a page has one at least: 0 is refused (protocol 9.2).",
  "details-sent":
    "`isListDetails` of bucket statistics is sent when it is asked for; the vendor's Python SDK drops it (protocol 18.16).",
  "task-flags": "A flag of a task is a yes or a no: any other text in the settings is refused.",
  "empty-batch": "A batch without a command is refused.",
  "answer-shape": "A success that does not read as documented is an error; the vendor hands it on.",
  "hidden-error": "An error in an answer of status 200 is an error, not a success.",
  "list-limit": "A limit of 0 is refused; the vendor takes it for the default.",
  "list-mode":
    "A mode is one of the two that exist, or none: the vendor sends nothing for another, here it is no value.",
  "base64-lenient": "Base64 without its padding is read, as a tolerant reader should (protocol 1.2).",
  "base64-strict": "Text with characters outside the Base64 alphabet is refused instead of being read around them.",
  "host-normalised": "A host's scheme is written in lower case.",
  "host-refused": "A host whose scheme is neither http nor https is refused.",
  "python-helper": "A helper of the vendor's module that no call needs here: days counted from today.",
  "retry-more":
    "Every 5xx but 579, 408, 429, timeouts and network errors are repeated after a wait, as are answers that cannot be read, of every operation that a repeat does no harm; the vendor repeats 500 and, of blocks, 408 and network errors.",
  "bput-budget": "Each chunk has its own attempts; the vendor has one budget for all chunks of a block.",
  "connect-attempts": "Attempts to connect are not multiplied with those of the request.",
  "stat-first": "Before a form or a mkfile that may have been carried out is repeated, stat tells whether it was.",
  "verify-by-stat": "An answer without a hash is checked by stat.",
  "siblings-stop": "A block that has failed for good stops the others; the vendor sends the rest of them.",
  "resend-stale": "When mkfile refuses blocks (401 with a good token), they are sent again, once.",
  "record-kept":
    "A record stays until mkfile has succeeded, whatever the call; the vendor forgets it when mkfile fails."
} as const

export type Deviation = keyof typeof forms | keyof typeof behaviours
