package api

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/filter"
	"github.com/egress-io/egress/internal/users"
)

// A slow client occupies a permit of its own tenant only.
func TestSlowClientsBlockOnlyTheirTenant(t *testing.T) {
	t.Parallel()
	b, _, _ := setupUsers(t, 0)
	b.auth.sessions["exporter"].Roles["orion"] = auth.Exporter
	page := make([]users.User, exportBatchSize)
	for i := range page {
		page[i] = users.User{ID: fmt.Sprintf("u%04d", i), Attributes: map[string]any{"about": strings.Repeat("x", 4096)}}
	}
	b.users.walk = func(string, int64, int64) ([]users.User, error) { return page, nil } // endless
	address := b.serve()
	ask := func(tenant string) (net.Conn, string) {
		conn := sendRequest(t, address, "GET", "/v3/user-export?attributes=true", "", tenant)
		return conn, readStatusLine(t, conn)
	}
	var slow []net.Conn
	status := "200"
	for status == "200" && len(slow) < 99 {
		var conn net.Conn
		conn, status = ask("meridian")
		slow = append(slow, conn)
	}
	if status != "429" || len(slow) != unpagedExports.PerTenant+1 {
		t.Errorf("%d were answered, the next with %s", len(slow)-1, status)
	}
	for range unpagedExports.PerTenant {
		if conn, status := ask("orion"); status != "200" {
			t.Errorf("another tenant's: %s", status)
		} else if _, err := io.CopyN(io.Discard, conn, 1<<20); err != nil {
			t.Errorf("another tenant's breaks off: %v", err)
		}
	}
	for _, conn := range slow { // then the permits are free again
		_ = conn.Close()
	}
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	late := time.After(2 * time.Minute)
	for {
		if _, status := ask("meridian"); status == "200" {
			break
		}
		select {
		case <-again.C:
		case <-late:
			t.Fatal("the pageEnds of those who left are not free")
		}
	}
}

// An export without pages that finds no users writes nothing, so only the check of the connection
// notices that the client disconnected.
func TestUnpagedExportIsCancelledWhenClientDisconnects(t *testing.T) {
	t.Parallel()
	b, _, _ := setupUsers(t, 0)
	walking := make(chan context.Context, 1)
	b.options.Users = blockingWalks{b.users, walking}
	app, err := New(*b.options)
	if err != nil {
		t.Fatal(err)
	}
	b.app = app
	conn := sendRequest(t, b.serve(), "GET", "/v3/user-export", "", "meridian")
	ctx := <-walking
	_ = conn.Close()
	select {
	case <-ctx.Done():
	case <-time.After(time.Minute):
		t.Fatal("the walk for a client that has left goes on")
	}
}

// blockingWalks implements Users with walks that return no users until their context is done.
type blockingWalks struct {
	*fakeUsers
	walking chan context.Context
}

func (w blockingWalks) WalkUsers(string, filter.Selection, users.Schema) Walk {
	return func(ctx context.Context, _ string, _, _ int64) ([]users.User, error) {
		w.walking <- ctx
		<-ctx.Done()
		return nil, ctx.Err()
	}
}

func TestLimitsAllowSeveralTenants(t *testing.T) {
	t.Parallel()
	for _, o := range []struct{ pageEnds, perTenant int }{{heavyReads.Total, heavyReads.PerTenant}, {unpagedExports.Total, unpagedExports.PerTenant}} {
		if o.perTenant*2 > o.pageEnds {
			t.Errorf("two tenants take all %d pageEnds", o.pageEnds)
		}
	}
	if heavyReads.Wait > requestTimeout/4 {
		t.Errorf("a read that waited %s has little left of %s", heavyReads.Wait, requestTimeout)
	}
}
