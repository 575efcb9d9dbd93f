import { Failure } from '@k8s-audit/failure';

/** What a person can do about an error of the operating system while writing. */
export function writeFailure(path: string, cause: NodeJS.ErrnoException): Failure {
  const because = (message: string, hint: string): Failure =>
    new Failure('FILE_UNWRITABLE', `${path} cannot be written: ${message}.`, { hint, cause });
  switch (cause.code) {
    case 'EEXIST':
      return new Failure('FILE_EXISTS', `${path} is already there.`, {
        hint: 'Choose another path, or say that it may be replaced.',
        cause,
      });
    case 'ENOENT':
      return because('its folder does not exist', 'Make the folder first.');
    case 'ENOTDIR':
      return because('a part of its path is no folder', 'Check the path.');
    case 'EACCES':
      return because('this user may not write there', 'Run as the owner of the folder, or choose another.');
    case 'EPERM':
      return because('this user may not set its owner or mode', 'Run as root, or leave the owner out.');
    case 'EROFS':
      return because('the file system is read-only', 'Choose a folder on a writable one.');
    case 'ENOSPC':
    case 'EDQUOT':
      return because('the disk is full', 'Free some space.');
    default:
      return because(cause.message, 'Check the disk and the path.');
  }
}
