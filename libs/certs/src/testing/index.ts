export { publishCrl } from './revocation-list.ts';
