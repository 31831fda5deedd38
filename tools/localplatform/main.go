// Localplatform serves the local platform on a TCP port of the loopback interface, so that you can try any client of
// the Virtuozzo Application Platform's HTTP API without an account at a hosting provider.
//
//	go run ./tools/localplatform -directory DIR -token-file FILE [-addr 127.0.0.1:8787] [-catalogue FILE] [-faults FILE]
//		[-time-scale N]
//
// The base URL of the API is http://ADDR/1.0/. Only programs on this machine that know the token can use it. Give the
// token in a file, in the environment variable VAP_TOKEN, or in the argument -token, which every user of the machine
// can see.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faultinjection"
	"github.com/terraform-provider-vap/terraform-provider-vap/internal/localplatform/faults"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "localplatform:", err)
		}
		stop()
		os.Exit(1) //nolint:gocritic // stop has been called
	}
}

// run serves until the context is done.
func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("localplatform", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:8787", "loopback `address` to listen on; port 0 takes a free one")
	directory := flags.String("directory", "", "`folder` of the platform's state (required)")
	token := flags.String("token", "", "access `token` that clients must send; others can see it among the processes")
	tokenFile := flags.String("token-file", "", "`file` with the token, instead of -token; else the token is in "+
		tokenVariable)
	catalogue := flags.String("catalogue", "", "JSON `file` with regions, stacks, prices and accounts instead of the "+
		"built-in ones")
	faultsFile := flags.String("faults", "", "JSON `file` with faults to inject")
	timeScale := flags.Float64("time-scale", 1, "how many times faster than a real platform operations are")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case *directory == "":
		return errors.New("-directory is required: the folder in which the platform keeps its state")
	case *timeScale <= 0:
		return errors.New("-time-scale must be greater than 0")
	}
	secret, err := readToken(*token, *tokenFile)
	if err != nil {
		return err
	}
	listener, err := listen(ctx, *addr, net.DefaultResolver.LookupNetIP)
	if err != nil {
		return err
	}
	defer listener.Close()
	platform, err := localplatform.Open(localplatform.Options{
		Directory: *directory, Catalogue: *catalogue, TimeScale: *timeScale, Token: secret, Strict: true,
	})
	if err != nil {
		return err
	}
	if *faultsFile != "" {
		list, err := faults.Read(*faultsFile)
		if err != nil {
			return err
		}
		if err := faultinjection.Inject(platform, list...); err != nil {
			return err
		}
	}
	folder, err := filepath.Abs(*directory)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(stdout, "serving on http://%s/1.0/\nstate in %s\n", listener.Addr(), folder); err != nil {
		return err
	}
	return serve(ctx, listener, platform)
}

// tokenVariable is an environment variable with the token, which the provider also reads.
const tokenVariable = "VAP_TOKEN"

// readToken reads the token from the argument, the file or the environment, in this order.
func readToken(argument, file string) (string, error) {
	switch {
	case argument != "" && file != "":
		return "", errors.New("-token and -token-file exclude each other")
	case argument != "":
		return argument, nil
	case file != "":
		data, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("-token-file cannot be read: %w", err)
		}
		token := strings.TrimSpace(string(data))
		if token == "" || strings.ContainsFunc(token, unicode.IsSpace) {
			return "", fmt.Errorf("-token-file %s must hold the token and nothing else", file)
		}
		return token, nil
	}
	if token := os.Getenv(tokenVariable); token != "" {
		return token, nil
	}
	return "", fmt.Errorf("-token is required: the text that clients must send as their token; -token-file or the "+
		"environment variable %s hide it from other users",
		tokenVariable)
}

// listen refuses addresses that another machine could reach. localhost counts as the addresses that it resolves to.
func listen(
	ctx context.Context, addr string, resolve func(ctx context.Context, network, host string) ([]netip.Addr, error),
) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("-addr %s is not an address with a port: %w", addr, err)
	}
	addresses := []netip.Addr{}
	if ip, err := netip.ParseAddr(host); err == nil {
		addresses = append(addresses, ip)
	} else if strings.EqualFold(host, "localhost") {
		if addresses, err = resolve(ctx, "ip", host); err != nil {
			return nil, fmt.Errorf("-addr %s: localhost cannot be resolved; write 127.0.0.1: %w", addr, err)
		}
	}
	if len(addresses) == 0 {
		return nil, fmt.Errorf("-addr %s is not a loopback address: the local platform is for this machine only", addr)
	}
	for _, ip := range addresses {
		if !ip.Unmap().IsLoopback() {
			return nil, fmt.Errorf("-addr %s is not a loopback address (%s): the local platform is for this machine only", addr,
				ip)
		}
	}
	// Prefer IPv4, as in the default of -addr.
	slices.SortStableFunc(addresses, func(a, b netip.Addr) int { return a.Unmap().BitLen() - b.Unmap().BitLen() })
	var config net.ListenConfig
	return config.Listen(ctx, "tcp", net.JoinHostPort(addresses[0].Unmap().String(), port))
}

func serve(ctx context.Context, listener net.Listener, platform *localplatform.Platform) error {
	server := &http.Server{Handler: platform.LoopbackHandler(), ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return errors.Join(err, platform.Close())
	case <-ctx.Done():
	}
	// This ends calls that are held open for an operation. The operation itself continues, because it is only a record.
	err := platform.Close()
	grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if shutdown := server.Shutdown(grace); shutdown != nil {
		err = errors.Join(err, server.Close())
	}
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
