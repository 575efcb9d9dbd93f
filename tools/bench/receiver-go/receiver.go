package main

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
)

// runReceiver is what our receiver does until it answers 200, written in Go with nothing but its standard library.
func runReceiver(args []string) error {
	flags := flag.NewFlagSet("receiver", flag.ExitOnError)
	certificate := flags.String("cert", "", "")
	key := flags.String("key", "", "")
	authority := flags.String("ca", "", "")
	spool := flags.String("spool", "", "")
	_ = flags.Parse(args)

	journal, err := openJournal(*spool)
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
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	buffers := sync.Pool{New: func() any { return new([]byte) }}
	server := &http.Server{
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
			MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
		},
		// HTTP/1.1 only, as ours.
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			buffer := buffers.Get().(*[]byte)
			defer buffers.Put(buffer)
			if int64(cap(*buffer)) < r.ContentLength {
				*buffer = make([]byte, r.ContentLength)
			}
			body := (*buffer)[:r.ContentLength]
			if _, err := io.ReadFull(r.Body, body); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			items := make([][]byte, 0, 128)
			size := 0
			err := scan(body, func(item []byte, _ bool) {
				items = append(items, item)
				size += len(item)
			})
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			if err := journal.append(items, size); err != nil {
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, "{}\n")
		}),
	}
	fmt.Printf("https://%s/bench\n", listener.Addr())
	return server.ServeTLS(listener, "", "")
}
