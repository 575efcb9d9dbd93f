/**
 * What a container wrote, from the file of its runtime: `TIME stdout|stderr F|P TEXT`, P for a line that goes on in the next
 * (kubernetes pkg/kubelet/kuberuntime/logs/logs.go parseCRILog).
 */
export function parseContainerLog(text: string): string {
  return text.replaceAll(/^\S+ (?:stdout|stderr) (F|P) (.*)\n/gm, (_, tag: string, line: string) => (tag === 'F' ? `${line}\n` : line));
}
