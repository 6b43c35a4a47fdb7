package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/redis/redistest"
)

// The number of users, and of kills under `make test`; `make soak` sets EGRESS_TEST_KILLS.
const (
	killedUsers   = 1_200 // with profiles of 22 kB on average: a file of several parts
	killedAtLeast = 3
	// A job fails after ten attempts in a row without a new checkpoint, which may happen by chance:
	// the test stops killing after this number.
	sparedAfter = 8
)

// Workers are killed repeatedly at random moments. The file is identical to that of an undisturbed
// run: another worker resumes from the checkpoint.
func TestKilledWorkers(t *testing.T) {
	t.Parallel()
	kills, _, random := killSettings(t)

	env := append(externalParts(t), "EGRESS_REDIS_URL="+redistest.Server(t).URL(), "EGRESS_READERS=1")
	dir := t.TempDir()
	if _, stderr, exit := runCommand(t, dir, env, "import", heavyUsers(t, dir, killedUsers, 22_000), "--create-tenant", "--tenant", "acme"); exit != 0 {
		t.Fatalf("import: status %d\n%s", exit, stderr)
	}
	c := start(t, dir, append(env, "EGRESS_WORKERS=0", "EGRESS_LOG_LEVEL=warn")).logInAs(externalAdmin, externalPassword)
	c.tenant = "acme"
	env = append(env, "EGRESS_WORKERS=1")
	crew := []*worker{startLogged(t, env), startLogged(t, env)}

	began := time.Now()
	undisturbed, _ := c.completed(c.export(everything()).JobID, 5*time.Minute)
	takes := time.Since(began)
	if undisturbed.Files[0].Bytes < 24_000_000 {
		t.Fatalf("the file has only %d bytes", undisturbed.Files[0].Bytes)
	}
	resumes, slowest := 0, time.Duration(0)
	for done := 0; done < kills; {
		id := c.export(everything()).JobID
		for of := 0; of < sparedAfter && done < kills; {
			j, owner := c.running(id, crew)
			if j.final() {
				break
			}
			// Kill after a delay, not at a byte count: published progress remains, and would end
			// each attempt at its start.
			moment := time.Now().Add(time.Duration(random.Int64N(int64(takes))))
			until(t, "the moment, or another attempt", 5*time.Minute, func() bool {
				now := c.job(id)
				return now.final() || now.Attempt != j.Attempt || time.Now().After(moment)
			})
			if now := c.job(id); now.final() || now.Attempt != j.Attempt {
				continue
			}
			end(crew[owner].cmd)
			died := time.Now()
			done++
			of++
			crew[owner] = startLogged(t, env)
			until(t, "gone on", 5*time.Minute, func() bool { now := c.job(id); return now.final() || now.Attempt > j.Attempt })
			slowest = max(slowest, time.Since(died))
		}
		j, file := c.completed(id, 5*time.Minute)
		resumes += j.Resumes
		if j.Files[0].SHA256 != undisturbed.Files[0].SHA256 || j.Files[0].Rows != undisturbed.Files[0].Rows || int64(len(file)) != j.Files[0].Bytes {
			t.Fatalf("after %d resumes: %+v, undisturbed %+v", j.Resumes, j.Files[0], undisturbed.Files[0])
		}
	}
	t.Logf("%d kills, %d resumes; the longest time until work went on was %s", kills, resumes, slowest.Round(time.Millisecond))
	if resumes == 0 {
		t.Error("no kill met a run")
	}
}

// killSettings returns the number of kills, and the seed of their moments.
func killSettings(t *testing.T) (kills int, seed uint64, random *rand.Rand) {
	t.Helper()
	kills, seed = setting(t, "EGRESS_TEST_KILLS", killedAtLeast), uint64(setting(t, "EGRESS_TEST_SEED", int(time.Now().UnixNano()>>20&0xffff)))
	t.Logf("%d kills, seed %d", kills, seed)
	return kills, seed, rand.New(rand.NewPCG(seed, seed))
}

// worker is a worker process whose log shows the attempts that it started.
type worker struct {
	cmd *exec.Cmd
	out *buffer
}

func startLogged(t *testing.T, env []string) *worker {
	t.Helper()
	w := &worker{cmd: command(t.TempDir(), append(env, "EGRESS_LOG_FORMAT=json"), "worker"), out: &buffer{}}
	w.cmd.Stdout, w.cmd.Stderr = w.out, w.out
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end(w.cmd)
		scanLog(t, w.out.String())
		if t.Failed() {
			t.Logf("a worker said:\n%s", w.out.tail(2000))
		}
	})
	return w
}

// running waits until a worker runs the job or the job has ended. It returns the job and the index
// of the worker.
func (c *client) running(id string, crew []*worker) (j job, owner int) {
	c.t.Helper()
	until(c.t, "a running job", 5*time.Minute, func() bool {
		j = c.job(id)
		for i, w := range crew {
			if w.began(id, j.Attempt) {
				owner = i
				return true
			}
		}
		return j.final()
	})
	return j, owner
}

func (w *worker) began(id string, attempt int64) bool {
	for line := range strings.SplitSeq(w.out.String(), "\n") {
		var entry struct {
			Msg     string `json:"msg"`
			Job     string `json:"job"`
			Attempt int64  `json:"attempt"`
		}
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "attempt began" && entry.Job == id && entry.Attempt == attempt {
			return true
		}
	}
	return false
}

// heavyUsers writes a file of n users and returns its path. The size of their extended profiles is
// mean on average. FerretDB reads many small users much slower than a few large ones.
func heavyUsers(t *testing.T, dir string, n, mean int) string {
	t.Helper()
	path := filepath.Join(dir, "users.ndjson")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		text := make([]byte, mean/2+random.IntN(mean))
		for j := range text {
			text[j] = "abcdefghij klmnopqrstuvwxyz,"[random.IntN(28)]
		}
		fmt.Fprintf(w, `{"seq-no":%d,"user":{"user_id":"u%06d","attributes":{"name":"Ada %d"},"extended_profiles":{"notes":{"text":%q}}}}`+"\n", i+1, i, i, text)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// setting reads a number from the environment.
func setting(t *testing.T, name string, standard int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return standard
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}
