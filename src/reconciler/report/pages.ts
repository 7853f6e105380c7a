import { nearest } from "../../api/nearest.ts";
import { faulty } from "../../api/parsed.ts";
import { shown } from "../../api/printable.ts";
import type { Page, PageAnswer } from "../../runtime/health.ts";
import { cellReport } from "./cell-report.ts";
import { REPORT_VERSION, type ReportFault, type StatusReport } from "./model.ts";
import { imageStatusReport, statusReport } from "./status-report.ts";
import type { View } from "./view.ts";

/**
 * What the health port serves besides checks: `/status`, `/status?image=NAME` and `/why?node=NODE&image=IMAGE`, as JSON.
 * A question without an answer gives 200 and a `ReportFault`, since a 404 may also be the API server's; without a view,
 * that is where another replica leads, 503.
 */
export function reportPages(viewNow: () => View | undefined): {
  readonly "/status": Page;
  readonly "/why": Page;
} {
  const shared = sharing(viewNow);
  const told = (answer: (asked: Shared, query: URLSearchParams) => unknown): Page => {
    return (query): PageAnswer => {
      const asked = shared();
      return asked === undefined ? NOT_LEADING : { status: 200, body: answer(asked, query) };
    };
  };
  return { "/status": told(statusPage), "/why": told(({ view }, query) => whyPage(view, query)) };
}

/** A view, and the whole report once somebody asked for it. */
interface Shared {
  readonly view: View;
  report?: StatusReport;
}

/** Counting everything takes a while in which no Pod is made, and anybody in the cluster may ask: once a second will do. */
const SHARED_MS = 1_000;

function sharing(viewNow: () => View | undefined): () => Shared | undefined {
  let last: Shared | undefined;
  return () => {
    const view = viewNow();
    const ageMs = view === undefined || last === undefined ? -1 : view.now - last.view.now;
    if (ageMs < 0 || ageMs >= SHARED_MS) last = view && { view };
    return last;
  };
}

const NOT_LEADING: PageAnswer = {
  status: 503,
  body: reportFault({
    what: "this replica does not lead, and so knows nothing",
    fix: "ask the holder of the Lease",
  }),
};

function statusPage(shared: Shared, query: URLSearchParams): unknown {
  const { view } = shared;
  const name = query.get("image");
  if (name === null) {
    shared.report ??= statusReport(view);
    return shared.report;
  }
  return imageStatusReport(view, name) ?? reportFault(unknownImage(view, name));
}

function whyPage(view: View, query: URLSearchParams): unknown {
  const [node, image] = [query.get("node"), query.get("image")];
  if (node === null || image === null) {
    return reportFault({ what: "the question is not whole", fix: "name a node and an image" });
  }
  const report = cellReport(view, { node, image });
  return report.ok ? report.value : reportFault(report.fault);
}

/** What to say where no CachedImage has the name. */
export function unknownImage({ facts }: View, name: string): ReportFault["fault"] {
  const near = nearest(name, [...facts.images.keys(), ...facts.sets.keys()]);
  const fix = near === undefined ? "drop status shows which there are" : `did you mean ${near}?`;
  return faulty(`no CachedImage is called ${shown(name)}`, fix).fault;
}

/** The answer to a question that has none. */
export function reportFault({ what, fix }: ReportFault["fault"]): ReportFault {
  return { version: REPORT_VERSION, fault: { what, fix } };
}
