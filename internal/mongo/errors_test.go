package mongo

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/pipeline"
)

// fakeMongoDB answers the handshake of MongoDB's protocol, and rejects chosen commands.
type fakeMongoDB struct {
	errors map[string]bson.D // responses by command
	conns  sync.WaitGroup
}

// startFakeMongoDB starts a fakeMongoDB and returns its host.
func startFakeMongoDB(t *testing.T, refuses map[string]bson.D) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &fakeMongoDB{errors: refuses}
	g.conns.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			g.conns.Go(func() {
				defer conn.Close()
				for g.answer(conn) == nil {
				}
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		g.conns.Wait()
	})
	return l.Addr().String()
}

// answer reads one message and replies.
func (g *fakeMongoDB) answer(conn net.Conn) error {
	head := make([]byte, 16)
	if _, err := io.ReadFull(conn, head); err != nil {
		return err
	}
	body := make([]byte, binary.LittleEndian.Uint32(head)-16)
	if _, err := io.ReadFull(conn, body); err != nil {
		return err
	}
	const opQuery, opReply, opMsg = 2004, 1, 2013
	query := binary.LittleEndian.Uint32(head[12:]) == opQuery
	document := body[5:] // OP_MSG: flags and kind of section
	if query {
		name := strings.IndexByte(string(body[4:]), 0)
		document = body[4+name+1+8:]
	}
	var command bson.D
	if err := bson.Unmarshal(document[:binary.LittleEndian.Uint32(document)], &command); err != nil {
		return err
	}
	response := bson.D{{Key: "ok", Value: 1}}
	if refusal, ok := g.errors[command[0].Key]; ok {
		response = refusal
	} else if name := strings.ToLower(command[0].Key); name == "hello" || name == "ismaster" {
		response = append(response, bson.D{
			{Key: "isWritablePrimary", Value: true}, {Key: "ismaster", Value: true}, {Key: "maxWireVersion", Value: 21},
			{Key: "minWireVersion", Value: 0}, {Key: "maxBsonObjectSize", Value: 16 << 20}, {Key: "maxMessageSizeBytes", Value: 48 << 20},
			{Key: "maxWriteBatchSize", Value: 1000}, {Key: "saslSupportedMechs", Value: bson.A{"SCRAM-SHA-256"}},
		}...)
	}
	reply, err := bson.Marshal(response)
	if err != nil {
		return err
	}
	front, code := make([]byte, 5), uint32(opMsg)
	if query {
		front, code = make([]byte, 20), opReply
		front[16] = 1 // one document
	}
	out := make([]byte, 16, 16+len(front)+len(reply))
	binary.LittleEndian.PutUint32(out, uint32(16+len(front)+len(reply)))
	copy(out[8:12], head[4:8])
	binary.LittleEndian.PutUint32(out[12:], code)
	_, err = conn.Write(append(append(out, front...), reply...))
	return err
}

// Permanent outages differ from an unreachable server, and no message names hosts or secrets.
func TestConnectReportsOutages(t *testing.T) {
	t.Parallel()
	refusal := func(code int, name string) bson.D {
		return bson.D{{Key: "ok", Value: 0}, {Key: "code", Value: code}, {Key: "codeName", Value: name}, {Key: "errmsg", Value: "for internal eyes"}}
	}
	fine := startFakeMongoDB(t, nil)
	https := httptest.NewTLSServer(nil)
	t.Cleanup(https.Close)
	secure := https.Listener.Addr().String()
	for name, c := range map[string]struct {
		uri, users string
		kind       errs.OutageKind
		message    string
	}{
		"wrong password": {
			"mongodb://egress:hunter2@" + startFakeMongoDB(t, map[string]bson.D{"saslStart": refusal(18, "AuthenticationFailed")}), "",
			errs.OutageCredentialsRefused, "MongoDB rejects the user name or password.",
		},
		"no password": {
			"mongodb://" + startFakeMongoDB(t, map[string]bson.D{"listCollections": refusal(13, "Unauthorized")}), "",
			errs.OutagePermissionMissing, "MongoDB does not permit what Egress needs.",
		},
		"wrong password of the users' cluster": {
			"mongodb://" + fine, "mongodb://egress:hunter2@" + startFakeMongoDB(t, map[string]bson.D{"saslStart": refusal(18, "AuthenticationFailed")}),
			errs.OutageCredentialsRefused, "MongoDB rejects the user name or password.",
		},
		"another authority": {
			"mongodb://" + secure + "/?tls=true&serverSelectionTimeoutMS=4000", "",
			errs.OutageTLSFailed, "The certificate of MongoDB is not trusted.",
		},
		"away": {"mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50", "", errs.OutageUnreachable, "MongoDB does not answer."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, err := Connect(t.Context(), Options{URI: c.uri, UsersURI: c.users, Logger: testLogger(t)})
			if err == nil {
				_ = db.Close(t.Context())
				t.Fatal("connected")
			}
			o, ok := errors.AsType[*errs.OutageError](err)
			if !ok || o.Kind != c.kind || o.Message != c.message {
				t.Fatalf("%v, want %s, %q", err, c.kind, c.message)
			}
			if errors.Is(err, ErrUsersCluster) != (c.users != "") {
				t.Errorf("which cluster it is: %v", err)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(o.Message+o.Advice, "127.0.0.1") {
				t.Errorf("the message reveals a host or a secret: %v", err)
			}
		})
	}
	t.Run("fine", func(t *testing.T) {
		t.Parallel()
		db, err := Connect(t.Context(), Options{URI: "mongodb://" + fine, Logger: testLogger(t)})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Wrong credentials and missing roles are permanent; a lost cursor and other errors are not.
func TestReadErrorsOfDeniedAccess(t *testing.T) {
	t.Parallel()
	for code, want := range map[int32]string{13: "Unauthorized", 18: "AuthenticationFailed", 8000: "AtlasError", 43: "", 2: ""} {
		err := readError(t.Context(), "users", driver.CommandError{Code: code, Message: "m", Labels: []string{"NetworkError"}})
		e, refused := errors.AsType[*pipeline.DependencyError](err)
		if refused != (want != "") || refused && (e.Class != pipeline.Denied || e.Code != want || errors.Is(err, pipeline.ErrCursorLost)) {
			t.Errorf("code %d: %v", code, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := readError(ctx, "users", driver.CommandError{Code: 13}); !errors.Is(err, context.Canceled) {
		t.Errorf("after a cancel: %v", err)
	}
}
