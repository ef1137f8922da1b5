import { Effect } from "effect"
import { Uploader, type WcsConfigLayer, type WcsError } from "effect-wcs"
import { inTime } from "../support/clock.ts"
import * as recording from "../support/recording.ts"
import { type tokensOnly } from "./support.ts"

export const target = { bucket: "logs", key: "2026/a.log" }

/** The fields of a form, its file under `file`. */
export const form = ({ body, headers }: recording.Sent): { readonly [name: string]: string } => {
  const boundary = headers["content-type"]?.split("boundary=")[1] ?? ""
  const parts = Buffer.from(body).toString("latin1").split(`--${boundary}`).slice(1, -1)
  return Object.fromEntries(parts.map((part) => {
    const [head = "", ...rest] = part.split("\r\n\r\n")
    return [/ name="([^"]*)"/.exec(head)?.[1] ?? "", rest.join("\r\n\r\n").slice(0, -2)]
  }))
}

const isDownload = ({ url }: recording.Sent): boolean => url.host === "down.test"

/** What happens to an append: it does not arrive, its answer is lost, or something else is answered. */
type Mishap = "reset" | "lost" | Response | undefined

/** A service that holds one object, and writes down what it is asked. */
export const service = (options: {
  readonly content?: string
  readonly appendable?: boolean
  readonly mishap?: (nth: number) => Mishap
  readonly answer?: (length: number) => Response
  readonly stat?: () => recording.Reply | undefined
} = {}) => {
  const state = { content: options.content, appends: 0 }
  const { appendable = true } = options
  const headers = () => ({
    "x-wcs-object-type": "Appendable",
    "x-wcs-next-append-position": String(state.content?.length ?? 0)
  })
  const answer = options.answer ??
    (() => new Response(Buffer.from("hash=none-that-is-known").toString("base64url"), { headers: headers() }))
  const refuse = (status: number, message: string, headers = {}) =>
    Response.json({ code: String(status), message }, { status, headers })

  const { layer, sent } = recording.client((request) => {
    if (isDownload(request)) {
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers["range"] ?? "") ?? []
      return new Response(state.content?.slice(Number(first), Number(last) + 1), { status: 206 })
    }
    if (recording.operation(request) === "stat") {
      return options.stat?.() ?? (state.content === undefined ? refuse(404, "File Not Found") : Response.json({
        fsize: state.content.length,
        hash: "of-the-service",
        mimeType: "text/plain",
        putTime: 0
      }, { headers: appendable ? headers() : {} }))
    }
    const mishap = options.mishap?.(state.appends++)
    if (mishap === "reset" || mishap instanceof Response) return mishap
    const position = Number(request.url.pathname.split("/")[2])
    if (!appendable || position !== (state.content?.length ?? 0)) {
      return refuse(409, "PositionNotEqualToLength", appendable ? headers() : {})
    }
    state.content = (state.content ?? "") + form(request)["file"]
    return mishap === "lost" ? "reset" : answer(state.content.length)
  })
  return {
    state,
    sent,
    operations: () => sent.map((request) => isDownload(request) ? "download" : recording.operation(request)),
    run: <A>(
      use: (uploader: Uploader.Uploader["Type"]) => Effect.Effect<A, WcsError.WcsError>,
      settings: WcsConfigLayer.Options = {},
      auth?: typeof tokensOnly
    ) => inTime(Effect.provide(Effect.flatMap(Uploader.Uploader, use), recording.services(layer, settings, auth)))
  }
}

export const text = (content: string) => new TextEncoder().encode(content)

export const append = (content: string, options?: Uploader.AppendOptions) => (uploader: Uploader.Uploader["Type"]) =>
  uploader.append(text(content), target, options)
