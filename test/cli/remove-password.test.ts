import t from 'tap'
import { removePassword } from '../../lib/cli/load/databases.js'

t.test('a password is removed from an address, so that a new one does not change the hash of a job', (t) => {
  t.equal(removePassword('postgresql://etl:secret@db/x?sslmode=require'), 'postgresql://etl@db/x?sslmode=require')
  t.equal(removePassword('postgresql://etl:se@cr:et@db/x'), 'postgresql://etl@db/x')
  t.equal(removePassword('postgresql://db/x?user=etl&password=secret&a=b'), 'postgresql://db/x?user=etl&password=&a=b')
  t.equal(removePassword('postgresql://db/x?password=secret'), 'postgresql://db/x?password=')
  for (const address of ['postgresql://etl@db/x', 'duckdb:C:\\a@b', 'duckdb:a:b@c?password', 'x'])
    t.equal(removePassword(address), address)
  t.end()
})
