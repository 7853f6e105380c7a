import { addressFault, type SecretLimits } from "../../api/allowed-hosts.ts";
import { type SourceError, unusable } from "../source-error.ts";

/** Why a Secret may not be sent to an address, as the failure of the source that names it. */
export function addressRefusal(
  limits: SecretLimits,
  secretName: string,
): (url: URL) => SourceError | undefined {
  const faultOf = addressFault(limits, secretName);
  return (url) => {
    const fault = faultOf(url);
    return fault && unusable(fault.what, fault.fix);
  };
}
