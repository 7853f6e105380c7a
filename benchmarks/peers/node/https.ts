/** A webhook of Node's own server and ajv. */
import { place, serve } from "./place.ts";
import { schemaVerdicts } from "./verdict.ts";

const here = place();
const verdictOn = schemaVerdicts(here.crds);

serve(here, (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const answer = JSON.stringify(verdictOn(JSON.parse(Buffer.concat(chunks).toString("utf8"))));
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(answer),
    });
    response.end(answer);
  });
});
