/** A webhook of express and ajv, as one would begin to write it. */
import express from "express";
import { place, serve } from "./place.ts";
import { schemaVerdicts } from "./verdict.ts";

const here = place();
const verdictOn = schemaVerdicts(here.crds);

const app = express();
app.post("/validate", express.json({ limit: "7mb" }), (request, response) => {
  response.json(verdictOn(request.body));
});

serve(here, app);
