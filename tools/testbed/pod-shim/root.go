package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// problemPipe is the first of exec.Cmd.ExtraFiles.
const problemPipe = 3

// devices are those of every container that need no privilege.
var devices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}

// enter runs inside the new namespaces: it puts the root together, makes it the only thing that can be seen, and becomes the program.
func enter(specFile string) {
	problems := os.NewFile(problemPipe, "problems")
	syscall.CloseOnExec(problemPipe)
	err := become(specFile)
	fmt.Fprintln(problems, err)
	os.Exit(exitNotCreated)
}

func become(specFile string) error {
	spec, err := readSpec(specFile)
	if err != nil {
		return err
	}
	name := spec.Arguments[0]
	if strings.Contains(name, "/") {
		return fmt.Errorf("%s: the image has programs in its path only", name)
	}
	if err := build(spec, filepath.Join("/usr/local/bin", name)); err != nil {
		return err
	}
	if err := syscall.Chroot(spec.Root); err != nil {
		return fmt.Errorf("chroot %s: %w", spec.Root, err)
	}
	if err := os.Chdir("/"); err != nil {
		return err
	}
	return fmt.Errorf("exec %s: %w", name, syscall.Exec("/usr/local/bin/"+name, spec.Arguments, spec.Environment))
}

func build(spec Spec, program string) error {
	// What is mounted from here on is nobody else's business.
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("private mounts: %w", err)
	}
	if err := syscall.Mount("tmpfs", spec.Root, "tmpfs", syscall.MS_NOSUID, "mode=0755"); err != nil {
		return fmt.Errorf("tmpfs on %s: %w", spec.Root, err)
	}
	// The image: the program, and what a runtime adds to every container.
	mounts := []Mount{{Source: spec.Program, Target: program, ReadOnly: true}, {Source: "/proc", Target: "/proc"}}
	for _, file := range append(devices, "/etc/hosts", "/etc/resolv.conf") {
		if _, err := os.Stat(file); err == nil {
			mounts = append(mounts, Mount{Source: file, Target: file, ReadOnly: !strings.HasPrefix(file, "/dev/")})
		}
	}
	if err := os.Mkdir(filepath.Join(spec.Root, "tmp"), 0o777|os.ModeSticky); err != nil {
		return err
	}
	for _, mount := range append(mounts, spec.Mounts...) {
		if err := bind(spec.Root, mount); err != nil {
			return err
		}
	}
	return nil
}

func bind(root string, mount Mount) error {
	target := filepath.Join(root, mount.Target)
	source, err := os.Stat(mount.Source)
	if err != nil {
		return err
	}
	if err := makePoint(target, source.IsDir()); err != nil {
		return err
	}
	if err := syscall.Mount(mount.Source, target, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
		return fmt.Errorf("mount %s on %s: %w", mount.Source, mount.Target, err)
	}
	if !mount.ReadOnly {
		return nil
	}
	// A bind mount takes its flags in a second step, and in a user namespace none of the old ones may go.
	var kept syscall.Statfs_t
	if err := syscall.Statfs(target, &kept); err != nil {
		return err
	}
	flags := uintptr(kept.Flags) & (syscall.MS_NOSUID | syscall.MS_NODEV | syscall.MS_NOEXEC | syscall.MS_NOATIME | syscall.MS_NODIRATIME)
	if err := syscall.Mount("", target, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY|flags, ""); err != nil {
		return fmt.Errorf("%s read-only: %w", mount.Target, err)
	}
	return nil
}

func makePoint(target string, isFolder bool) error {
	if isFolder {
		return os.MkdirAll(target, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(target, os.O_CREATE|os.O_RDONLY, 0o644)
	if err != nil {
		return err
	}
	return file.Close()
}
