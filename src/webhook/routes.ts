import { randomUUID } from "node:crypto";
import express, { type Express, type Request, type Response } from "express";
import { own } from "../api/record.ts";
import type { Logger } from "../runtime/logger.ts";
import type { AdmissionResponse } from "./admission.ts";
import { parseBody } from "./body.ts";
import { type Arrivals, errorAnswer, mediaType, readBody, refuse, watched } from "./guards.ts";
import type { Judgement } from "./review.ts";
import { failed, inReview } from "./verdict.ts";

/** What the routes are made of. */
export interface RouteOptions extends Arrivals {
  readonly judge: (value: unknown) => Judgement;
  readonly log: Logger;
}

const PATHS = ["/mutate", "/validate"];

/** The Express application with `POST /mutate` and `POST /validate`: the same verdict, the patch on the first only. */
export function createRoutes(options: RouteOptions): Express {
  const { measures, log } = options;
  const app = express();
  app.disable("x-powered-by").disable("etag").set("query parser", false);
  app.use(watched(options));
  app.post(PATHS, mediaType, readBody(options), (request, response) =>
    answer(options, request, response),
  );
  app.all(PATHS, (_request, response) => {
    response.setHeader("allow", "POST");
    refuse(response, 405, "only POST is answered here");
  });
  app.use((_request, response) => refuse(response, 404, "here are /mutate and /validate"));
  app.use(errorAnswer(log, measures));
  return app;
}

function answer(options: RouteOptions, request: Request, response: Response): void {
  if (response.headersSent) return;
  const { measures, clock } = options;
  const since: unknown = response.locals["since"];
  const seconds = () => (typeof since === "number" ? (clock.now() - since) / 1_000 : 0);
  const body = parseBody(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
  if (!body.ok) {
    measures.judged("refused-body", seconds());
    refuse(response, 400, `${body.fault.what}; ${body.fault.fix}`);
    return;
  }
  const judgement = judgeSafely(options, body.value);
  measures.judged("error" in judgement ? "failed" : judgement, seconds());
  const admission = judgement.response;
  if (admission.uid === "") {
    refuse(response, 400, admission.status?.message ?? "not an AdmissionReview");
    return;
  }
  if (!admission.allowed && !("error" in judgement)) logRefusal(options.log, judgement);
  const isPatching = request.path === "/mutate";
  const text = JSON.stringify(inReview(isPatching ? admission : withoutPatch(admission)));
  response.setHeader("content-type", "application/json");
  response.setHeader("content-length", Buffer.byteLength(text));
  response.end(text);
}

function logRefusal(log: Logger, { response, kind, operation, refusedBy }: Judgement): void {
  const { uid, status } = response;
  const name = status?.details?.name;
  log.info({ uid, kind, name, operation, rules: refusedBy }, "refused an object");
}

type Outcome = Judgement | { readonly response: AdmissionResponse; readonly error: true };

/** A bug refuses with an error id; the log line with that id says what happened. */
function judgeSafely({ judge, log }: RouteOptions, value: unknown): Outcome {
  try {
    return judge(value);
  } catch (error) {
    const errorId = randomUUID();
    const given = own(own(value, "request"), "uid");
    const uid = typeof given === "string" ? given.slice(0, LONGEST_UID) : "";
    log.error({ error, errorId, uid }, "a bug kept an object from being judged");
    return { response: failed(uid, errorId), error: true };
  }
}

const LONGEST_UID = 256;

/** The API server takes no patch from a validating webhook. */
function withoutPatch(response: AdmissionResponse): AdmissionResponse {
  const { patch: _patch, patchType: _type, ...rest } = response;
  return rest;
}
