// Reads ovf-env.xml from a UDF image (ECMA-167) as genisoimage writes it: one partition, directories of one extent.

static int image;
static uint32_t partition;

static uint32_t word(const unsigned char *at)
{
    return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

static void read_sector(uint32_t number, unsigned char *sector)
{
    check(pread(image, sector, SECTOR, (off_t)number * SECTOR), "image");
}

// The content of the file whose entry (4/14.9) is in this block.
static unsigned char *read_udf_file(uint32_t block, size_t *length)
{
    unsigned char entry[SECTOR];
    read_sector(partition + block, entry);
    *length = word(entry + 56);
    const unsigned char *allocation = entry + 176 + word(entry + 168);
    unsigned char *content = calloc(1, *length + SECTOR);
    if ((entry[34] & 7) == 3)
    {
        memcpy(content, allocation, *length);
        return content;
    }

    for (size_t at = 0; at < *length; at += SECTOR)
    {
        read_sector(partition + word(allocation + 4) + at / SECTOR, content + at);
    }

    return content;
}

static char *read_ovf(const char *path)
{
    unsigned char sector[SECTOR];
    image = check(open(path, O_RDONLY), path);
    for (uint32_t number = 16; number < 24; number++)
    {
        read_sector(number, sector);
    }

    read_sector(256, sector);
    uint32_t set = 0;
    for (uint32_t number = word(sector + 20), tag = 0; tag != 8; number++)
    {
        read_sector(number, sector);
        tag = word(sector) & 0xFFFF;
        partition = tag == 5 ? word(sector + 188) : partition;
        set = tag == 6 ? word(sector + 252) : set;
    }

    read_sector(partition + set, sector);
    size_t length;
    unsigned char *names = read_udf_file(word(sector + 404), &length);
    for (unsigned char *at = names; at < names + length; at += (38 + at[19] + (at[36] | at[37] << 8) + 3) & ~3)
    {
        if (at[19] == 12 && memcmp(at + 39 + (at[36] | at[37] << 8), "ovf-env.xml", 11) == 0)
        {
            char *ovf = (char *)read_udf_file(word(at + 24), &length);
            close(image);
            return ovf;
        }
    }

    return fail("no ovf-env.xml"), NULL;
}
