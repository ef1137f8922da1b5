/** One question to S3, and an upload: what the bundles of `bundles` are measured by. */
import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { Upload } from "@aws-sdk/lib-storage"

const client = new S3Client()
const { ContentLength } = await client.send(new HeadObjectCommand({ Bucket: "media", Key: "film.mp4" }))
console.log(ContentLength)
if (ContentLength === 0) {
  await new Upload({ client, params: { Bucket: "media", Key: "film.mp4", Body: new Uint8Array(1) } }).done()
}
