// Package ferretdb reads the data directories of earlier versions, which ran FerretDB 1.24 on
// SQLite as their embedded database.
//
// Each database is a file "<name>.sqlite". Its table _ferretdb_collections maps the names of
// collections to tables. Such a table has a document per row, as JSON whose member "$s" describes
// the types and the order of the other members.
package ferretdb
