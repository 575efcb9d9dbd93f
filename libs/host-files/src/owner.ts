import { Failure } from '@k8s-audit/failure';
import { readHostText } from './read-file.ts';

/** Who a file belongs to, as numbers. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The largest id that is not "unchanged" to chown. */
const MAX_ID = 0xffff_fffe;

/**
 * Reads `USER`, `USER:GROUP` or numbers, as chown does; without a group the user's own.
 * Names are looked up in the passwd and group files: users of a directory service are given as numbers.
 *
 * @throws Failure OWNER_UNKNOWN
 */
export async function resolveOwner(
  text: string,
  files: { readonly passwd: string; readonly group: string } = { passwd: '/etc/passwd', group: '/etc/group' },
): Promise<Owner> {
  const [user = '', group, ...rest] = text.split(':');
  if (rest.length > 0) throw unknown(text);
  const account = /^\d+$/.test(user) && group !== undefined ? undefined : await entryOf(files.passwd, user);
  const uid = /^\d+$/.test(user) ? user : account?.[2];
  const gid = group === undefined ? account?.[3] : /^\d+$/.test(group) ? group : (await entryOf(files.group, group))?.[2];
  if (uid === undefined || gid === undefined || Number(uid) > MAX_ID || Number(gid) > MAX_ID) throw unknown(text);
  return { uid: Number(uid), gid: Number(gid) };
}

/** A line of passwd(5) or group(5): the name first, the id third. */
async function entryOf(file: string, nameOrId: string): Promise<readonly string[] | undefined> {
  const lines = (await readHostText(file)).split('\n').map((line) => line.split(':'));
  return (
    lines.find((fields) => fields[0] === nameOrId && nameOrId !== '') ?? lines.find((fields) => fields[2] === nameOrId && nameOrId !== '')
  );
}

function unknown(text: string): Failure {
  return new Failure('OWNER_UNKNOWN', `There is no user and group "${text}" on this machine.`, {
    hint: 'Give USER, USER:GROUP, or numbers such as 1000:1000.',
  });
}
