package main

import (
	"context"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// printMail prints the mail about the last migration like a mail program.
func printMail(ctx context.Context, cli *commandLine) error {
	headline("The mail that the platform has sent about the last move")
	now, err := readPlace(ctx, cli)
	if err != nil {
		return err
	}
	mails, err := filepath.Glob(filepath.Join(cli.folder, ".vap", "outbox", "*.eml"))
	if err != nil {
		return err
	}
	if len(mails) != 2 {
		return fmt.Errorf("the outbox holds %d mails after two migrations", len(mails))
	}
	file, err := os.Open(slices.Max(mails)) // the names start with the time
	if err != nil {
		return err
	}
	defer file.Close()
	message, err := mail.ReadMessage(file)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	if err != nil {
		return err
	}
	body, err := io.ReadAll(quotedprintable.NewReader(message.Body))
	if err != nil {
		return err
	}
	fmt.Printf("\nDate:    %s\nFrom:    %s\nTo:      %s\nSubject: %s\n\n%s",
		message.Header.Get("Date"), message.Header.Get("From"), message.Header.Get("To"), subject, body)
	for _, want := range append([]string{farCentre, now.Domain}, now.PublicIPv4...) {
		if !strings.Contains(string(body), want) {
			return fmt.Errorf("the mail does not name %s", want)
		}
	}
	return nil
}
