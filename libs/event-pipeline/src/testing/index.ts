/** For tests of this and other packages: what must stand in nothing that the product writes. */
export { type FoundSecret, findSecrets, type ListedSecret, type SecretForm, type SecretList, secretForms } from './secret-list.ts';
