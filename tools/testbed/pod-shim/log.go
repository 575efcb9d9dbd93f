package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// maxLineBytes is where containerd cuts a line in two (containerd v2 internal/cri/config: MaxContainerLogLineSize).
const maxLineBytes = 16 * 1024

// containerLog is a file of lines `TIME stdout|stderr F|P TEXT`, P for a line that goes on (kubernetes
// pkg/kubelet/kuberuntime/logs/logs.go parseCRILog).
type containerLog struct {
	mutex sync.Mutex
	file  *os.File
}

func openLog(path string) (*containerLog, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	return &containerLog{file: file}, err
}

func (log *containerLog) copyLines(stream string, from io.Reader) {
	reader := bufio.NewReaderSize(from, maxLineBytes)
	for {
		text, err := reader.ReadSlice('\n')
		switch {
		case err == nil:
			log.write(stream, "F", text[:len(text)-1])
		case errors.Is(err, bufio.ErrBufferFull):
			log.write(stream, "P", text)
		default:
			if len(text) > 0 {
				log.write(stream, "F", text)
			}
			return
		}
	}
}

func (log *containerLog) write(stream, tag string, text []byte) {
	line := time.Now().UTC().AppendFormat(nil, time.RFC3339Nano)
	line = append(line, " "+stream+" "+tag+" "...)
	line = append(append(line, text...), '\n')
	log.mutex.Lock()
	defer log.mutex.Unlock()
	log.file.Write(line)
}

func (log *containerLog) Close() error {
	return log.file.Close()
}
