package main

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

// In the body's template, in the place of each audit ID: as long as one. Each is another in every request, so that no event is a
// duplicate of another.
var marker = []byte("ffffffff-ffff-4fff-8fff-ffffffffffff")

type result struct {
	Requests int            `json:"requests"`
	Events   int            `json:"events"`
	Seconds  float64        `json:"seconds"`
	Answers  map[string]int `json:"answers"`
	P50Ms    float64        `json:"p50Ms"`
	P99Ms    float64        `json:"p99Ms"`
}

// runLoad posts as kube-apiserver's webhook client does (client-go over net/http: HTTP/1.1, connections kept, several batches at
// once), as fast as it is answered.
func runLoad(args []string) error {
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	url := flags.String("url", "", "")
	certificate := flags.String("cert", "", "")
	key := flags.String("key", "", "")
	authority := flags.String("ca", "", "")
	file := flags.String("body", "", "")
	connections := flags.Int("connections", 8, "")
	duration := flags.Duration("duration", time.Second, "")
	_ = flags.Parse(args)

	template, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(*certificate, *key)
	if err != nil {
		return err
	}
	pem, err := os.ReadFile(*authority)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	client := &http.Client{
		Timeout: 30 * time.Second,
		Transport: &http.Transport{
			TLSClientConfig:     &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}, NextProtos: []string{"http/1.1"}},
			TLSNextProto:        map[string]func(string, *tls.Conn) http.RoundTripper{},
			MaxIdleConnsPerHost: *connections,
			// A batch of 4 MB in writes of 4 KB would measure the client.
			WriteBufferSize: 64 << 10,
		},
	}
	offsets := offsetsOf(template)
	var ids atomic.Uint64
	run := make([]byte, 8)
	_, _ = rand.Read(run)
	prefix := hex.EncodeToString(run)

	var lock sync.Mutex
	total := result{Answers: map[string]int{}}
	var latencies []float64
	started := time.Now()
	deadline := started.Add(*duration)
	var group sync.WaitGroup
	for i := 0; i < *connections; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			body := bytes.Clone(template)
			answers := map[string]int{}
			var mine []float64
			for time.Now().Before(deadline) {
				for _, at := range offsets {
					writeID(body[at:], prefix, ids.Add(1))
				}
				begun := time.Now()
				response, err := client.Post(*url, "application/json", bytes.NewReader(body))
				if err != nil {
					answers["error"]++
					continue
				}
				_, _ = io.Copy(io.Discard, response.Body)
				response.Body.Close()
				answers[fmt.Sprint(response.StatusCode)]++
				mine = append(mine, float64(time.Since(begun).Microseconds())/1000)
			}
			lock.Lock()
			defer lock.Unlock()
			for name, count := range answers {
				total.Answers[name] += count
			}
			latencies = append(latencies, mine...)
		}()
	}
	group.Wait()
	total.Seconds = time.Since(started).Seconds()
	total.Requests = total.Answers["200"]
	total.Events = total.Requests * len(offsets)
	sort.Float64s(latencies)
	if len(latencies) > 0 {
		total.P50Ms = latencies[len(latencies)/2]
		total.P99Ms = latencies[len(latencies)*99/100]
	}
	return json.NewEncoder(os.Stdout).Encode(total)
}

func offsetsOf(template []byte) []int {
	var offsets []int
	for at := 0; ; {
		found := bytes.Index(template[at:], marker)
		if found < 0 {
			return offsets
		}
		offsets = append(offsets, at+found)
		at += found + len(marker)
	}
}

// writeID keeps the dashes: 8-4-4-4-12.
func writeID(target []byte, prefix string, number uint64) {
	text := fmt.Sprintf("%s%016x", prefix, number)
	copy(target[0:8], text[0:8])
	copy(target[9:13], text[8:12])
	copy(target[14:18], text[12:16])
	copy(target[19:23], text[16:20])
	copy(target[24:36], text[20:32])
}
