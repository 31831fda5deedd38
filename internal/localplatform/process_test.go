package localplatform

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.etcd.io/bbolt"
)

// serverVariable makes the test binary serve the folder that it names.
const serverVariable = "LOCALPLATFORM_TEST_SERVER"

func TestMain(m *testing.M) {
	if directory := os.Getenv(serverVariable); directory != "" {
		if err := serveForTest(directory); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func serveForTest(directory string) error {
	scale, err := strconv.ParseFloat(os.Getenv(serverVariable+"_SCALE"), 64)
	if err != nil {
		return err
	}
	p, err := Open(Options{Directory: directory, TimeScale: scale})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return http.Serve(listener, p)
}

// process is another process that serves the folder.
type process struct {
	*client
	cmd *exec.Cmd
}

func spawn(t *testing.T, directory string, scale float64) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serverVariable+"="+directory, fmt.Sprintf("%s_SCALE=%g", serverVariable, scale))
	cmd.Stderr = os.Stderr
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd, client: &client{t: t, http: &http.Client{Transport: &http.Transport{}}, token: OwnerToken}}
	t.Cleanup(p.kill)
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	p.base = "http://" + strings.TrimSpace(line)
	return p
}

// kill is kill -9.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	p.http.CloseIdleConnections()
}

func TestAcknowledgedWritesSurviveKill(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1", "shop-2")
	acknowledged := map[string]bool{}
	const rounds, enough = 6, 8
	for round := range rounds {
		server := spawn(t, p.directory, fast)
		var mu sync.Mutex
		reached := make(chan struct{})
		var writers sync.WaitGroup
		for w := range 2 {
			writers.Go(func() {
				for i := 0; ; i++ {
					name := fmt.Sprintf("V_%d_%d_%d", round, w, i)
					answer, err := server.post("environment.control.addcontainerenvvars", "envName", fmt.Sprintf("shop-%d", w+1),
						"nodeGroup", "cp", "vars", fmt.Sprintf(`{%q:"x"}`, name))
					if err != nil {
						return // killed
					}
					mu.Lock()
					if effective(answer) == 0 {
						acknowledged[name] = true
					}
					if len(acknowledged) == (round+1)*enough {
						close(reached)
					}
					mu.Unlock()
				}
			})
		}
		<-reached
		server.kill() // while the writers go on
		writers.Wait()
	}
	present := map[string]any{}
	for _, name := range []string{"shop-1", "shop-2"} {
		for variable := range c.ok("environment.control.getcontainerenvvars", "envName", name, "nodeGroup",
			"cp")["object"].(object) {
			present[variable] = true
		}
	}
	for name := range acknowledged {
		if present[name] == nil {
			t.Errorf("the acknowledged write %s is lost", name)
		}
	}
	if len(acknowledged) < rounds*enough {
		t.Errorf("only %d writes were acknowledged", len(acknowledged))
	}
}

func TestMigrationGoesOnWithoutAnyProcess(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	server := spawn(t, p.directory, 200) // a good 200 ms
	server.t = t
	answers := server.begin("shop-1", 10, "environment.control.migrate", "envName", "shop-1", "hardwareNodeGroup",
		"south-standard", "isOnline", "false")
	server.kill()
	if answer := <-answers; answer["transport"] == nil {
		t.Fatalf("the killed server responded %v", answer)
	}
	others := []*client{c, spawn(t, p.directory, fast).client, spawn(t, p.directory, fast).client}
	var wait sync.WaitGroup
	for _, other := range others { // they race to record the end
		wait.Go(func() {
			for {
				answer, err := other.post("environment.control.getenvinfo", "envName", "shop-1")
				if err != nil {
					t.Error(err)
					return
				}
				if status(answer) == 1 {
					if n := len(outbox(t, p)); n != 1 {
						t.Errorf("%d mails when the migration has ended", n)
					}
					return
				}
			}
		})
	}
	wait.Wait()
	if e := env(c.info("shop-1")); e["hardwareNodeGroup"] != "south-standard" {
		t.Errorf("after: %v", e)
	}
	onlyMail(t, p)
}

func TestTwoProcessesOnOneFolder(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	const each = 5
	var wait sync.WaitGroup
	for k := range 2 {
		server := spawn(t, p.directory, fast)
		wait.Go(func() {
			for i := range each {
				name := fmt.Sprintf("shop-%d-%d", k, i)
				answer, err := server.post("environment.control.createenvironment", "env", marshal(object{"shortdomain": name}),
					"nodes", twoLayers)
				if err != nil || effective(answer) != 0 {
					t.Errorf("create %s: %v %v", name, answer, err)
				}
				// Both want the same name, and only one gets it.
				_, err = server.post("environment.control.createenvironment", "env",
					marshal(object{"shortdomain": fmt.Sprintf("both-%d", i)}), "nodes", `[{"nodeType":"nginx"}]`)
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	seen := map[string]string{}
	infos := c.ok("environment.control.getenvs")["infos"].([]any)
	if len(infos) != 3*each {
		t.Errorf("%d environments", len(infos))
	}
	for _, info := range infos {
		name := env(info.(object))["envName"].(string)
		for _, n := range nodes(info.(object), "") {
			for _, key := range []string{fmt.Sprint("id ", n["id"]), fmt.Sprint(n["intIP"]), fmt.Sprint(n["extIPs"])} {
				if other, taken := seen[key]; taken && key != "<nil>" {
					t.Errorf("%s and %s share %s", name, other, key)
				}
				seen[key] = name
			}
		}
	}
	err := p.view(func(x *tx) error {
		if n := x.counter(counterEnvironments(1001)); n != 3*each {
			t.Errorf("%d environments counted", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A store that stays open for reading shows what another process writes, though the file grows or is another file.
func TestReaderFollowsTheFile(t *testing.T) {
	t.Parallel()
	ours, theirs := t.TempDir(), t.TempDir()
	reader, c := open(t, Options{Directory: ours})
	seen := func(name string) {
		t.Helper()
		for range 2 {
			c.ok("environment.control.getenvinfo", "envName", name)
		}
	}
	writer, _ := open(t, Options{Directory: ours})
	for size := int64(0); size < 1<<18; {
		name := fmt.Sprintf("shop-%d", size)
		writer.seed(t, name)
		seen(name)
		for i := range 20 {
			writer.seed(t, fmt.Sprintf("%s-%d", name, i))
		}
		info, err := os.Stat(reader.store.path)
		if err != nil {
			t.Fatal(err)
		}
		size = info.Size()
	}
	elsewhere, _ := open(t, Options{Directory: theirs})
	elsewhere.seed(t, "other")
	if err := os.Rename(elsewhere.store.path, reader.store.path); err != nil {
		t.Fatal(err)
	}
	seen("other")
	c.code(11, "environment.control.getenvinfo", "envName", "shop-0")

	if err := reader.Close(); err != nil || reader.store.idle != nil {
		t.Errorf("closed: %v, a reader stays open: %t", err, reader.store.idle != nil)
	}
	if err := reader.view(func(*tx) error { return nil }); err != nil || reader.store.idle != nil {
		t.Errorf("after closing: %v, a reader stays open: %t", err, reader.store.idle != nil)
	}
}

// A call that arrives while another process writes is answered after that write.
func TestWaitsForTheStore(t *testing.T) {
	t.Parallel()
	p, c := open(t, Options{})
	p.seed(t, "shop-1")
	other, err := (&store{path: p.store.path}).openAs(new(*os.File), false)
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan object)
	asked := make(chan struct{})
	go func() {
		close(asked)
		answer, err := c.post("environment.control.getenvinfo", "envName", "shop-1")
		if err != nil {
			t.Error(err)
		}
		answered <- answer
	}()
	<-asked
	err = other.Update(func(b *bbolt.Tx) error {
		environments := b.Bucket(bucketEnvironments)
		env, _, err := get[environment](environments, []byte("shop-1"))
		if err != nil {
			return err
		}
		env.DisplayName = "written meanwhile"
		return put(environments, []byte("shop-1"), env)
	})
	if err = errors.Join(err, other.Close()); err != nil {
		t.Fatal(err)
	}
	if answer := <-answered; effective(answer) != 0 || env(answer)["displayName"] != "written meanwhile" {
		t.Errorf("after the wait: %v", answer)
	}
}

func TestForeignStores(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	p, _ := open(t, Options{Directory: directory})
	if info, err := os.Stat(p.store.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the store: %v %v", info.Mode(), err)
	}
	err := p.store.update(func(b *bbolt.Tx) error { return b.Bucket(bucketMeta).Put([]byte("format"), []byte("0")) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Directory: directory}); err == nil || !strings.Contains(err.Error(), "another folder") {
		t.Errorf("a store of another format: %v", err)
	}
	if err := os.WriteFile(p.store.path, []byte("not a store at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Options{Directory: directory}); err == nil {
		t.Error("an invalid file was opened")
	}
	if _, err := Open(Options{}); err == nil {
		t.Error("an empty folder was accepted")
	}
	if _, err := Open(Options{Directory: directory, TimeScale: -1}); err == nil {
		t.Error("a negative time scale was accepted")
	}
	fresh := filepath.Join(t.TempDir(), "a", "b")
	if _, err := Open(Options{Directory: fresh}); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(fresh); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v %v", info.Mode(), err)
	}
}
