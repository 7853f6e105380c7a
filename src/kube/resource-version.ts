/** A version that two objects of one kind can be ordered by. */
const NUMBER = /^[1-9][0-9]*$/;

/**
 * Whether a version is older than another one of the same kind of object. Versions are numbers of any length without
 * leading zeros since Kubernetes 1.35 says so (KEP-5504), and have been wherever etcd keeps the objects; of others nothing
 * is known but whether they are equal, and then no version is older.
 */
export function isOlder(version: string, than: string): boolean {
  if (!NUMBER.test(version) || !NUMBER.test(than)) return false;
  if (version.length !== than.length) return version.length < than.length;
  return version < than;
}
