package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

// The goals for starting the provider. Terraform starts it three times for a plan.
const (
	maxSize      = 20 << 20
	maxHandshake = 7 * time.Millisecond
	maxSchema    = 20 * time.Millisecond
)

// start has the times of one start: until the provider prints its address, and from dialling to the schema
// response.
type start struct {
	handshake, schema time.Duration
	schemaSize        int64
}

func measureStart(ctx context.Context, s settings, stdout io.Writer) error {
	t := newTable("start of", "executable", "handshake", "handshake with TLS", "schema request", "schema")
	provider, err := addStart(ctx, t, "vap", s.provider, s.starts)
	if err != nil {
		return err
	}
	if _, err := addStart(ctx, t, "the smallest provider", s.floor, s.starts); err != nil {
		return err
	}
	file, err := os.Stat(s.provider)
	if err != nil {
		return err
	}
	t.add("goal of vap", verdict("20 MiB", file.Size() <= maxSize),
		verdict(milliseconds(maxHandshake), provider.handshake <= maxHandshake), "",
		verdict(milliseconds(maxSchema), provider.schema <= maxSchema), "")
	return t.print(stdout)
}

// addStart starts a provider several times, without TLS and with TLS like Terraform, and adds the medians. It
// returns the handshake without TLS, because with TLS every provider first makes a certificate in the same way, and
// the schema request with TLS.
func addStart(ctx context.Context, t *table, name, executable string, starts int) (start, error) {
	file, err := os.Stat(executable)
	if err != nil {
		return start{}, err
	}
	own, err := newCertificate()
	if err != nil {
		return start{}, err
	}
	var plain, withTLS, schemas []time.Duration
	var one start
	for range starts {
		for _, certificate := range []*tls.Certificate{nil, &own} {
			if one, err = startOnce(ctx, executable, certificate); err != nil {
				return start{}, fmt.Errorf("starting %s: %w", executable, err)
			}
			if certificate == nil {
				plain = append(plain, one.handshake)
			}
		}
		withTLS, schemas = append(withTLS, one.handshake), append(schemas, one.schema)
	}
	one.handshake, one.schema = median(plain), median(schemas)
	t.add(name, mebibytes(file.Size()), milliseconds(one.handshake), milliseconds(median(withTLS)),
		milliseconds(one.schema), fmt.Sprintf("%d kB", one.schemaSize/1000))
	return one, nil
}

func mebibytes(bytes int64) string { return fmt.Sprintf("%.2f MiB", float64(bytes)/(1<<20)) }

// startOnce starts a provider and requests its schema; with a certificate it uses TLS, like Terraform.
func startOnce(ctx context.Context, executable string, own *tls.Certificate) (start, error) {
	command := exec.CommandContext(ctx, executable)
	command.Env = append(os.Environ(),
		"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
		"PLUGIN_PROTOCOL_VERSIONS=6")
	if own != nil {
		command.Env = append(command.Env,
			"PLUGIN_CLIENT_CERT="+string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own.Certificate[0]})))
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return start{}, err
	}
	began := time.Now()
	if err := command.Start(); err != nil {
		return start{}, err
	}
	defer func() {
		_ = command.Process.Kill()
		_ = command.Wait() // the error says that it was killed
	}()
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return start{}, fmt.Errorf("it does not say where it listens: %w", err)
	}
	handshake := time.Since(began)
	client, err := dial(strings.TrimSpace(line), own)
	if err != nil {
		return start{}, err
	}
	defer client.CloseIdleConnections()
	began = time.Now()
	scheme := "http"
	if own != nil {
		scheme = "https"
	}
	size, err := requestSchema(ctx, client, scheme)
	return start{handshake: handshake, schema: time.Since(began), schemaSize: size}, err
}

// dial makes a client from the line that a provider prints:
// CORE-PROTOCOL|PROTOCOL|NETWORK|ADDRESS|grpc|CERTIFICATE.
func dial(line string, own *tls.Certificate) (*http.Client, error) {
	parts := strings.Split(line, "|")
	if len(parts) < 6 || parts[4] != "grpc" {
		return nil, fmt.Errorf("it says %q", line)
	}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, parts[2], parts[3])
		},
		Protocols: new(http.Protocols),
	}
	if own == nil {
		transport.Protocols.SetUnencryptedHTTP2(true)
		return &http.Client{Transport: transport}, nil
	}
	der, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	transport.Protocols.SetHTTP2(true)
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{*own}, ServerName: "localhost",
		MinVersion: tls.VersionTLS12}
	return &http.Client{Transport: transport}, nil
}

// requestSchema makes the gRPC call GetProviderSchema, whose request is an empty message, and returns the size of
// the response in bytes.
func requestSchema(ctx context.Context, client *http.Client, scheme string) (int64, error) {
	const emptyMessage = "\x00\x00\x00\x00\x00"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost,
		scheme+"://localhost/tfplugin6.Provider/GetProviderSchema", bytes.NewReader([]byte(emptyMessage)))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/grpc")
	request.Header.Set("TE", "trailers")
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	size, err := io.Copy(io.Discard, response.Body)
	if err == nil && response.Trailer.Get("Grpc-Status") != "0" {
		err = errors.New("GetProviderSchema: " + response.Trailer.Get("Grpc-Message"))
	}
	return size, err
}

// newCertificate makes the certificate with which the provider authenticates its client.
func newCertificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, IsCA: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
