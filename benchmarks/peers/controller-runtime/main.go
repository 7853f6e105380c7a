// A validating webhook made with controller-runtime: the peer that drop webhook is measured beside.
package main

import (
	"context"
	"crypto/tls"
	"flag"
	"net/http"
	"os"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

func main() {
	host := flag.String("host", "127.0.0.1", "the address to listen at")
	port := flag.Int("port", 0, "the port for HTTPS")
	health := flag.String("health", "", "host:port of the plain port with /readyz")
	certificates := flag.String("cert-dir", "", "the folder with tls.crt and tls.key")
	crds := flag.String("crds", "", "the folder with the CRDs")
	allowAll := flag.Bool("allow-all", false, "judge nothing: what controller-runtime alone takes")
	flag.Parse()
	ctrl.SetLogger(zap.New())
	judges := map[string]*judge{}
	if !*allowAll {
		var err error
		if judges, err = loadJudges(*crds); err != nil {
			fail(err)
		}
	}
	server := webhook.NewServer(webhook.Options{
		Host:    *host,
		Port:    *port,
		CertDir: *certificates,
		TLSOpts: []func(*tls.Config){func(config *tls.Config) { config.MinVersion = tls.VersionTLS13 }},
	})
	if err := serve(ctrl.SetupSignalHandler(), server, judges, *health); err != nil {
		fail(err)
	}
}

func fail(err error) {
	ctrl.Log.Error(err, "ended")
	os.Exit(1)
}

func serve(ctx context.Context, server webhook.Server, judges map[string]*judge, health string) error {
	server.Register("/validate", &webhook.Admission{Handler: handler{judges: judges}})
	go func() {
		ready := &healthz.Handler{Checks: map[string]healthz.Checker{"webhook": server.StartedChecker()}}
		plain := http.NewServeMux()
		plain.Handle("/readyz", http.StripPrefix("/readyz", ready))
		fail(http.ListenAndServe(health, plain))
	}()
	return server.Start(ctx)
}
