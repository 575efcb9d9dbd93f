// Command pod-shim runs one container of a static pod without a container runtime: in a mount namespace of its own, with a root that holds
// the program and the pod's volumes and nothing else, its output in the log that a kubelet keeps. Standard library only, so that it builds
// in seconds.
//
//	pod-shim check         can this user make mount namespaces? 0, or 126 and why not
//	pod-shim run SPEC      run the container that the JSON file describes; ends with its exit code (128+N for signal N), or with
//	                       125 and one line when it could not be created, 126 when there are no namespaces
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

const (
	exitUsage        = 2
	exitNotCreated   = 125
	exitNoNamespaces = 126
)

// Spec is what a container is made of. Every path on the host is absolute.
type Spec struct {
	// Root is an empty folder on the host where the container's root is put together; nothing is ever written into it.
	Root string `json:"root"`
	// Program is a static binary on the host; it appears as /usr/local/bin/NAME, with NAME the first of Arguments.
	Program   string   `json:"program"`
	Arguments []string `json:"arguments"`
	// Environment is all of it: nothing is inherited.
	Environment []string `json:"environment"`
	Mounts      []Mount  `json:"mounts"`
	// Log is the file that takes stdout and stderr, in the format of the container runtime interface.
	Log string `json:"log"`
}

// Mount makes a file or folder of the host appear in the container.
type Mount struct {
	Source   string `json:"source"`
	Target   string `json:"target"`
	ReadOnly bool   `json:"readOnly"`
}

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "check":
		end(check())
	case len(os.Args) == 3 && os.Args[1] == "run":
		end(run(os.Args[2]))
	case len(os.Args) == 3 && os.Args[1] == "enter":
		enter(os.Args[2])
	case len(os.Args) == 2 && os.Args[1] == "nothing":
		return
	}
	fmt.Fprintln(os.Stderr, "usage: pod-shim check | pod-shim run SPEC")
	os.Exit(exitUsage)
}

func end(code int, err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func readSpec(path string) (Spec, error) {
	var spec Spec
	text, err := os.ReadFile(path)
	if err != nil {
		return spec, err
	}
	if err := json.Unmarshal(text, &spec); err != nil {
		return spec, fmt.Errorf("%s: %w", path, err)
	}
	if spec.Root == "" || spec.Program == "" || len(spec.Arguments) == 0 || spec.Log == "" {
		return spec, errors.New(path + ": root, program, arguments and log are needed")
	}
	return spec, nil
}
