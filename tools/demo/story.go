package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Regions in the local platform's built-in catalogue between which the shop moves.
const (
	start      = "north-economy"
	sameCentre = "north-performance"
	farCentre  = "south-standard"
)

const permission = `migration_policy={ allow_downtime = true, allow_ip_change = true, permit_for = ["` + farCentre +
	`"] }`

var step int

func headline(format string, arguments ...any) {
	step++
	text := fmt.Sprintf("%d. ", step) + fmt.Sprintf(format, arguments...)
	fmt.Printf("\n\n%s\n%s\n", text, strings.Repeat("=", len([]rune(text))))
}

// confirm prints a line that confirms the last check.
func confirm(format string, arguments ...any) { fmt.Printf("\n-> "+format+"\n", arguments...) }

func tell(ctx context.Context, cli *commandLine) error {
	for _, chapter := range []func(context.Context, *commandLine) error{
		create, showRegions, moveLive, refuseFarMove, moveFar, printMail,
	} {
		if err := chapter(ctx, cli); err != nil {
			return fmt.Errorf("step %d: %w", step, err)
		}
	}
	return nil
}

func create(ctx context.Context, cli *commandLine) error {
	headline("Create a shop in %s, and a DNS record that depends on its addresses", start)
	if _, err := cli.succeed(ctx, "init"); err != nil {
		return err
	}
	if _, err := cli.succeed(ctx, "apply", "-auto-approve"); err != nil {
		return err
	}
	now, err := readPlace(ctx, cli)
	if err != nil {
		return err
	}
	if now.Region != start || now.Last != nil {
		return fmt.Errorf("the shop is in %s with the last migration %v, want %s and none", now.Region, now.Last, start)
	}
	confirm("The shop is %s at %s, and the DNS record knows it.", now.Domain, strings.Join(now.PublicIPv4, ", "))
	return nil
}

func showRegions(ctx context.Context, cli *commandLine) error {
	headline("The regions, their prices, and where live migration goes")
	table, err := cli.succeed(ctx, "output", "-raw", "regions")
	if err != nil {
		return err
	}
	for _, region := range []string{start, sameCentre, farCentre} {
		if !strings.Contains(table, "\n"+region+" ") {
			return fmt.Errorf("the table lacks %s", region)
		}
	}
	fmt.Println()
	return nil
}

func moveLive(ctx context.Context, cli *commandLine) error {
	headline("Move it to faster hardware in the same data centre: live")
	before, err := readPlace(ctx, cli)
	if err != nil {
		return err
	}
	if _, err := cli.succeed(ctx, "plan", "-var", "region="+sameCentre, "-out", "live.plan"); err != nil {
		return err
	}
	plan, err := readPlan(ctx, cli, "live.plan")
	if err != nil {
		return err
	}
	if err := plan.expectMove(migration{Mode: "live", FromRegion: start, ToRegion: sameCentre}, false,
		"no-op"); err != nil {
		return err
	}
	confirm("The plan says: live, no downtime, addresses and domain stay; the DNS record is not touched.")
	if _, err := cli.succeed(ctx, "apply", "live.plan"); err != nil {
		return err
	}
	now, err := readPlace(ctx, cli)
	if err != nil {
		return err
	}
	if now.Region != sameCentre || now.ID != before.ID || now.Domain != before.Domain ||
		!slices.Equal(now.PublicIPv4, before.PublicIPv4) || !slices.Equal(now.Internal, before.Internal) {
		return fmt.Errorf("the shop was %+v and is %+v, but only the region should change", before, now)
	}
	confirm("The shop is in %s, with the addresses and the domain it had.", now.Region)
	return expectNoChanges(ctx, cli, "-var", "region="+sameCentre)
}

func refuseFarMove(ctx context.Context, cli *commandLine) error {
	headline("Move it to another data centre: refused, as it would stop and get new addresses")
	output, code, err := cli.show(ctx, "plan", "-var", "region="+farCentre)
	if err != nil {
		return err
	}
	if code != 1 {
		return fmt.Errorf("the plan ended with exit code %d, want a refusal", code)
	}
	summary := "Error: webshop: move to " + farCentre + " needs allow_downtime and allow_ip_change"
	if !strings.Contains(output, summary) {
		return fmt.Errorf("the plan failed without saying %q", summary)
	}
	now, err := readPlace(ctx, cli)
	if err != nil {
		return err
	}
	if now.Region != sameCentre {
		return fmt.Errorf("the shop is in %s although the move was refused", now.Region)
	}
	confirm("Refused before anything happened, with the two permissions that it needs.")
	return nil
}

func moveFar(ctx context.Context, cli *commandLine) error {
	headline("Permit it for this one region: the dependent follows in the same apply")
	before, err := readPlace(ctx, cli)
	if err != nil {
		return err
	}
	variables := []string{"-var", "region=" + farCentre, "-var", permission}
	if _, err := cli.succeed(ctx, append([]string{"plan", "-out", "far.plan"}, variables...)...); err != nil {
		return err
	}
	plan, err := readPlan(ctx, cli, "far.plan")
	if err != nil {
		return err
	}
	move := migration{Mode: "offline", FromRegion: sameCentre, ToRegion: farCentre, Downtime: true, IPChange: true,
		DomainChange: true}
	if err := plan.expectMove(move, true, "update"); err != nil {
		return err
	}
	confirm("The plan says: offline, new addresses, new domain; the DNS record is planned again.")
	if _, err := cli.succeed(ctx, "apply", "far.plan"); err != nil {
		return err
	}
	now, err := readPlace(ctx, cli) // also compares the record with the shop
	if err != nil {
		return err
	}
	if now.Region != farCentre || now.ID != before.ID || now.Domain == before.Domain ||
		slices.ContainsFunc(append(now.PublicIPv4, now.Internal...), func(address string) bool {
			return slices.Contains(before.PublicIPv4, address) || slices.Contains(before.Internal, address)
		}) {
		return fmt.Errorf("the shop was %+v and is %+v, want the same shop in %s with new addresses and domain", before,
			now, farCentre)
	}
	if !now.Last.carriesOut(move) {
		return fmt.Errorf("last_migration is %+v, planned was %+v", now.Last, move)
	}
	confirm("The shop is %s at %s, and the DNS record already knows it.", now.Domain, strings.Join(now.PublicIPv4, ", "))
	return expectNoChanges(ctx, cli, variables...)
}

// expectMove checks that the plan moves the shop as announced, and what it does with the dependent.
func (p plan) expectMove(move migration, addressesUnknown bool, dependent string) error {
	if err := p.expect(shop, "update"); err != nil {
		return err
	}
	planned, unknown, err := p.migration()
	if err != nil {
		return err
	}
	if planned != move || unknown != addressesUnknown {
		return fmt.Errorf("the plan says %+v with addresses unknown: %t, want %+v and %t", planned, unknown, move,
			addressesUnknown)
	}
	return p.expect(dns, dependent)
}

func expectNoChanges(ctx context.Context, cli *commandLine, variables ...string) error {
	_, code, err := cli.show(ctx, append([]string{"plan", "-detailed-exitcode"}, variables...)...)
	if err != nil {
		return err
	}
	if code != 0 {
		return fmt.Errorf("the plan after the move ended with exit code %d, want no changes", code)
	}
	return nil
}
