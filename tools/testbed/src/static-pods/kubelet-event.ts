/** What a kubelet would write into its log or tell as an event of the pod. `pod` is `NAMESPACE/NAME`. */
export type KubeletEvent =
  | { readonly kind: 'manifest-refused'; readonly file: string; readonly reason: string }
  /** Every file of the folder is a pod, backups too: the one named last in `files` is what runs now. */
  | { readonly kind: 'several-files-one-pod'; readonly pod: string; readonly files: readonly string[] }
  | { readonly kind: 'mount-failed'; readonly pod: string; readonly reason: string }
  | { readonly kind: 'not-created'; readonly pod: string; readonly reason: string }
  | {
      readonly kind: 'started';
      readonly pod: string;
      readonly uid: string;
      readonly file: string;
      readonly restart: number;
      readonly log: string;
    }
  | { readonly kind: 'exited'; readonly pod: string; readonly uid: string; readonly code: number | null }
  | { readonly kind: 'back-off'; readonly pod: string; readonly waitMs: number }
  | { readonly kind: 'stopped'; readonly pod: string; readonly uid: string; readonly code: number | null; readonly killed: boolean };

export type OnKubeletEvent = (event: KubeletEvent) => void;
