package main

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	segmentBytes  = 64 << 20
	frameHeader   = 32
	maxGroupBytes = 4 << 20
)

type pending struct {
	items [][]byte
	bytes int
	done  chan error
}

// journal is our spool's write path: preallocated segments, a frame with a checksum a record, and group commit, that is one write
// and one fdatasync for all requests that waited while the disk was busy.
type journal struct {
	folder   string
	queue    chan *pending
	file     *os.File
	offset   int64
	ordinal  int
	position uint64
}

func openJournal(folder string) (*journal, error) {
	j := &journal{folder: folder, queue: make(chan *pending, 1024)}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	if err := j.next(); err != nil {
		return nil, err
	}
	go j.run()
	return j, nil
}

func (j *journal) append(items [][]byte, bytes int) error {
	p := &pending{items: items, bytes: bytes + frameHeader*len(items), done: make(chan error, 1)}
	j.queue <- p
	return <-p.done
}

func (j *journal) run() {
	buffer := make([]byte, 0, maxGroupBytes+(1<<20))
	for first := range j.queue {
		group := []*pending{first}
		size := first.bytes
	collect:
		for size < maxGroupBytes {
			select {
			case p := <-j.queue:
				group = append(group, p)
				size += p.bytes
			default:
				break collect
			}
		}
		buffer = buffer[:0]
		now := uint64(time.Now().UnixMilli())
		for _, p := range group {
			for _, item := range p.items {
				buffer = j.frame(buffer, item, now)
			}
		}
		err := j.write(buffer)
		for _, p := range group {
			p.done <- err
		}
	}
}

func (j *journal) frame(buffer, item []byte, now uint64) []byte {
	start := len(buffer)
	var header [frameHeader]byte
	j.position++
	binary.LittleEndian.PutUint32(header[8:], uint32(len(item)))
	binary.LittleEndian.PutUint64(header[16:], j.position)
	binary.LittleEndian.PutUint64(header[24:], now)
	buffer = append(buffer, header[:]...)
	buffer = append(buffer, item...)
	binary.LittleEndian.PutUint32(buffer[start+4:], crc32.ChecksumIEEE(buffer[start+8:]))
	return buffer
}

func (j *journal) write(buffer []byte) error {
	if j.offset+int64(len(buffer)) > segmentBytes {
		if err := j.next(); err != nil {
			return err
		}
	}
	if _, err := j.file.WriteAt(buffer, j.offset); err != nil {
		return err
	}
	j.offset += int64(len(buffer))
	return syscall.Fdatasync(int(j.file.Fd()))
}

// Delivered segments go, as ours do; here at once.
func (j *journal) next() error {
	if j.file != nil {
		j.file.Close()
		os.Remove(j.file.Name())
	}
	j.ordinal++
	file, err := os.Create(filepath.Join(j.folder, "segment-"+strconv.Itoa(j.ordinal)))
	if err != nil {
		return err
	}
	j.file, j.offset = file, 0
	return syscall.Fallocate(int(file.Fd()), 0, 0, segmentBytes+maxGroupBytes*2)
}
