package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

// run starts the container as a child in new namespaces and stays beside it, as containerd's shim does: it writes the log, hands on
// signals and tells how it ended.
func run(specFile string) (int, error) {
	// The child dies with the thread that started it: this one must stay.
	runtime.LockOSThread()
	spec, err := readSpec(specFile)
	if err != nil {
		return exitUsage, err
	}
	log, err := openLog(spec.Log)
	if err != nil {
		return exitNotCreated, err
	}
	defer log.Close()

	// Closed by the exec of the container's program; what is read before is why it did not come to that.
	problem, problemEnd, err := os.Pipe()
	if err != nil {
		return exitNotCreated, err
	}
	container := exec.Command("/proc/self/exe", "enter", specFile)
	container.ExtraFiles = []*os.File{problemEnd}
	container.SysProcAttr = namespaces()
	stdout, err := container.StdoutPipe()
	if err != nil {
		return exitNotCreated, err
	}
	stderr, err := container.StderrPipe()
	if err != nil {
		return exitNotCreated, err
	}

	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	if err := container.Start(); err != nil {
		return exitNoNamespaces, noNamespaces(err)
	}
	problemEnd.Close()
	go func() {
		for each := range signals {
			container.Process.Signal(each)
		}
	}()

	var copies sync.WaitGroup
	copies.Go(func() { log.copyLines("stdout", stdout) })
	copies.Go(func() { log.copyLines("stderr", stderr) })
	why, _ := io.ReadAll(problem)
	copies.Wait()
	err = container.Wait()
	if len(why) > 0 {
		return exitNotCreated, errors.New(strings.TrimSpace(string(why)))
	}
	return exitCode(container.ProcessState), nil
}

// check tries the one thing that a machine may refuse.
func check() (int, error) {
	probe := exec.Command("/proc/self/exe", "nothing")
	probe.SysProcAttr = namespaces()
	if err := probe.Run(); err != nil {
		return exitNoNamespaces, noNamespaces(err)
	}
	return 0, nil
}

// namespaces asks for a mount namespace; whoever is not root gets a user namespace around it, in which they are.
func namespaces() *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS,
		// A signal to our group is ours to hand on, once: kube-apiserver takes a second one for impatience.
		Setpgid:   true,
		Pdeathsig: syscall.SIGKILL,
	}
	if os.Geteuid() != 0 {
		attributes.Cloneflags |= syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	return attributes
}

func noNamespaces(err error) error {
	return fmt.Errorf("no mount namespace (%w): run as root, or allow user namespaces "+
		"(sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0)", err)
}

func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
