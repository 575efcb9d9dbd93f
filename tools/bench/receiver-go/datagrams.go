package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"
	"unsafe"
)

// runSink is the far end of Wazuh's socket: it takes one message a call, as wazuh-analysisd's reader does, and throws it away.
func runSink(args []string) error {
	runtime.LockOSThread()
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: args[0]}); err != nil {
		return err
	}
	fmt.Println("listening")
	buffer := make([]byte, 70_000)
	for {
		if _, err := syscall.Read(fd, buffer); err != nil {
			return err
		}
	}
}

type iovec struct {
	base *byte
	len  uint64
}

type mmsghdr struct {
	name       *byte
	namelen    uint32
	_          [4]byte
	iov        *iovec
	iovlen     uint64
	control    *byte
	controllen uint64
	flags      int32
	_          [4]byte
	len        uint32
	_          [4]byte
}

// runSend is the limit: the same datagram again and again with sendmmsg, 64 a call, nothing else done.
func runSend(args []string) error {
	flags := flag.NewFlagSet("send", flag.ExitOnError)
	socket := flags.String("socket", "", "")
	size := flags.Int("bytes", 1024, "")
	duration := flags.Duration("duration", time.Second, "")
	_ = flags.Parse(args)
	runtime.LockOSThread()
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	if err := syscall.Connect(fd, &syscall.SockaddrUnix{Name: *socket}); err != nil {
		return err
	}
	const batch = 64
	message := make([]byte, *size)
	vectors := make([]iovec, batch)
	headers := make([]mmsghdr, batch)
	for i := range headers {
		vectors[i] = iovec{base: &message[0], len: uint64(len(message))}
		headers[i] = mmsghdr{iov: &vectors[i], iovlen: 1}
	}
	started := time.Now()
	sent := 0
	for time.Since(started) < *duration {
		count, _, errno := syscall.Syscall6(sysSendmmsg, uintptr(fd), uintptr(unsafe.Pointer(&headers[0])), batch, 0, 0, 0)
		if errno != 0 {
			return errno
		}
		sent += int(count)
	}
	seconds := time.Since(started).Seconds()
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	cpu := float64(usage.Utime.Sec+usage.Stime.Sec) + float64(usage.Utime.Usec+usage.Stime.Usec)/1e6
	return json.NewEncoder(os.Stdout).Encode(map[string]float64{"events": float64(sent), "seconds": seconds, "cpuSeconds": cpu})
}
