/**
 * `qiniu`, `putFileV2`: parts of version 2, of 4 MiB, one after the other (it knows no other way), connections kept
 * alive; version 1 is slower. It was spared the query for its region, and a record of the upload. That it hashes each
 * part twice (MD5) is no setting.
 */
import { Agent } from "node:http"
import qiniu from "qiniu"
import { begin, task } from "../clients/measure.ts"

const agent = new Agent({ keepAlive: true })
Object.assign(qiniu.conf, { RPC_HTTP_AGENT: agent })
const { host } = new URL(task.url)
const config = new qiniu.conf.Config({ zone: new qiniu.conf.Zone([host], [host]) })
const token = new qiniu.rs.PutPolicy({ scope: "bench" }).uploadToken(
  new qiniu.auth.digest.Mac("access-key", "secret-key")
)
const extra = qiniu.resume_up.PutExtra.create()
extra.partSize = task.blockSize

const end = begin()
const { resp } = await new qiniu.resume_up.ResumeUploader(config).putFileV2(token, task.key, task.file, extra)
end()
if (resp.statusCode !== 200) throw new Error(`the answer is ${resp.statusCode}`)
agent.destroy()
