package embedded

import (
	_ "github.com/FerretDB/FerretDB/ferretdb"
	_ "github.com/alecthomas/kong"
	_ "github.com/alexedwards/argon2id"
	_ "github.com/alicebob/miniredis/v2"
	_ "github.com/aws/aws-sdk-go-v2/config"
	_ "github.com/aws/aws-sdk-go-v2/service/s3"
	_ "github.com/gofiber/contrib/websocket"
	_ "github.com/gofiber/fiber/v2"
	_ "github.com/gofrs/flock"
	_ "github.com/hibiken/asynq"
	_ "github.com/oklog/ulid/v2"
	_ "github.com/open-feature/go-sdk/openfeature"
	_ "github.com/redis/go-redis/v9"
	_ "github.com/schollz/progressbar/v3"
	_ "github.com/versity/versitygw/backend/posix"
	_ "github.com/versity/versitygw/s3api"
	_ "go.mongodb.org/mongo-driver/v2/mongo"
	_ "golang.org/x/sync/errgroup"
)
