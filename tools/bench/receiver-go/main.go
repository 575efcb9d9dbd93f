// The other programs of `npm run bench -- receiver`, in one binary: a receiver that does the same work as ours, a load generator
// that behaves like kube-apiserver's webhook client, the far end of Wazuh's socket, and the limit of that socket.
package main

import (
	"fmt"
	"os"
)

func main() {
	commands := map[string]func([]string) error{"receiver": runReceiver, "load": runLoad, "sink": runSink, "send": runSend}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: bench receiver|load|sink|send …")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
