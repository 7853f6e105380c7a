import { Ajv, type ValidateFunction } from "ajv";
import type { CellReport, ReportFault, StatusReport } from "./model.ts";
import { FAULT_SCHEMA, STATUS_SCHEMA, WHY_SCHEMA } from "./schema.ts";

/** Reports as they come from another process, which may be of another version. */
export interface ReportReaders {
  isStatusReport(value: unknown): value is StatusReport;
  isCellReport(value: unknown): value is CellReport;
  isReportFault(value: unknown): value is ReportFault;
}

/** Compiles the schemas that the reports are published with; fields that are not known are passed over. */
export function createReportReaders(): ReportReaders {
  const ajv = new Ajv({ meta: false, validateSchema: false, validateFormats: false });
  const status: ValidateFunction<StatusReport> = ajv.compile<StatusReport>(STATUS_SCHEMA);
  const cell: ValidateFunction<CellReport> = ajv.compile<CellReport>(WHY_SCHEMA);
  const fault: ValidateFunction<ReportFault> = ajv.compile<ReportFault>(FAULT_SCHEMA);
  return {
    isStatusReport: (value) => status(value),
    isCellReport: (value) => cell(value),
    isReportFault: (value) => fault(value),
  };
}
