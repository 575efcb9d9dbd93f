package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/types"
	protocols "k8s.io/apimachinery/pkg/util/remotecommand"
	client "k8s.io/client-go/tools/remotecommand"
	"k8s.io/kubelet/pkg/cri/streaming/remotecommand"
)

// serveKubelet stands in for a kubelet: no pod runs, but an exec or attach that the API server forwards is answered with the
// kubelet's own streaming code, over SPDY and websocket, so that the API server upgrades and audits it as it would in production.
// No command is ever run: the stand-in writes back what it was asked.
func serveKubelet(arguments []string) error {
	flags := flag.NewFlagSet("kubelet-stand-in", flag.ExitOnError)
	address := flags.String("address", "127.0.0.1:10250", "where to listen")
	certificate := flags.String("tls-cert-file", "", "own certificate")
	key := flags.String("tls-private-key-file", "", "own key")
	clientCA := flags.String("client-ca-file", "", "who may connect: the API server's client certificate")
	flags.Parse(arguments)

	pem, err := os.ReadFile(*clientCA)
	if err != nil {
		return err
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(pem) {
		return errors.New("no certificate in " + *clientCA)
	}
	routes := http.NewServeMux()
	routes.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") })
	routes.HandleFunc("/exec/{namespace}/{pod}/{container}", func(w http.ResponseWriter, r *http.Request) {
		if options, ok := streamOptions(w, r); ok {
			remotecommand.ServeExec(w, r, echo{}, r.PathValue("pod"), "", r.PathValue("container"), r.URL.Query()["command"],
				options, time.Minute, 10*time.Second, protocols.SupportedStreamingProtocols)
		}
	})
	routes.HandleFunc("/attach/{namespace}/{pod}/{container}", func(w http.ResponseWriter, r *http.Request) {
		if options, ok := streamOptions(w, r); ok {
			remotecommand.ServeAttach(w, r, echo{}, r.PathValue("pod"), "", r.PathValue("container"),
				options, time.Minute, 10*time.Second, protocols.SupportedStreamingProtocols)
		}
	})
	server := &http.Server{
		Addr:    *address,
		Handler: routes,
		// SPDY and websocket upgrade an HTTP/1.1 connection.
		TLSConfig:    &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted, MinVersion: tls.VersionTLS12},
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){},
	}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	go func() {
		<-stop.Done()
		server.Close()
	}()
	log.Printf("serving on %s", *address)
	if err := server.ListenAndServeTLS(*certificate, *key); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func streamOptions(w http.ResponseWriter, r *http.Request) (*remotecommand.Options, bool) {
	log.Printf("%s %s upgrade=%q", r.Method, r.URL.Path, r.Header.Get("Upgrade"))
	options, err := remotecommand.NewOptions(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
	return options, err == nil
}

type echo struct{}

func (echo) ExecInContainer(_ context.Context, pod string, _ types.UID, container string, command []string, _ io.Reader, out, _ io.WriteCloser,
	_ bool, _ <-chan client.TerminalSize, _ time.Duration) error {
	return say(out, "exec in %s/%s: %s\n", pod, container, strings.Join(command, " "))
}

func (echo) AttachContainer(_ context.Context, pod string, _ types.UID, container string, _ io.Reader, out, _ io.WriteCloser,
	_ bool, _ <-chan client.TerminalSize) error {
	return say(out, "attached to %s/%s\n", pod, container)
}

func say(out io.Writer, format string, values ...any) error {
	if out == nil {
		return nil
	}
	_, err := fmt.Fprintf(out, format, values...)
	return err
}
